//! A disk with little room on it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A tmpfs in a mount namespace of its own, which ends with the process that holds it: nothing
/// is mounted where others would see it, and nobody has to be root.
pub struct SmallDisk {
    holder: Child,
    path: PathBuf,
    _mount_point: TempDir,
}

impl SmallDisk {
    /// One with room for so many megabytes, for whoever has this user and group; for whoever
    /// runs the tests where nobody is named.
    pub fn new(megabytes: u32, owner: Option<(u32, u32)>) -> SmallDisk {
        let mount_point = TempDir::new().unwrap();
        let mount =
            r#"mount -t tmpfs -o "size=$0,mode=700" none "$1" && echo && exec sleep infinity"#;
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", mount])
            .arg(format!("{megabytes}m"))
            .arg(mount_point.path())
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if let Some((user, group)) = owner {
            std::os::unix::fs::chown(mount_point.path(), Some(user), Some(group)).unwrap();
            command.uid(user).gid(group);
        }
        let mut holder = command.spawn().unwrap();
        let mut mounted = BufReader::new(holder.stdout.take().unwrap());
        mounted.read_line(&mut String::new()).unwrap();
        let root = format!("/proc/{}/root", holder.id());
        let path = Path::new(&root).join(mount_point.path().strip_prefix("/").unwrap());
        let disk = SmallDisk {
            holder,
            path,
            _mount_point: mount_point,
        };
        File::create(disk.ballast()).expect("a tmpfs cannot be mounted here");
        disk
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }

    /// From now on there is no room for another byte.
    pub fn fills_up(&self) {
        let mut ballast = File::create(self.ballast()).unwrap();
        let block = [0; 4096];
        while ballast.write_all(&block).is_ok() {}
    }

    /// There is room again.
    pub fn has_room(&self) {
        fs::write(self.ballast(), "").unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
