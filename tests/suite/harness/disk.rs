//! A disk with little room on it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A tmpfs in a mount namespace of its own, which ends with the process that holds it: nothing
/// is mounted where others would see it, and nobody has to be root.
pub struct SmallDisk {
    holder: Child,
    owner: Option<(u32, u32)>,
    mount_point: TempDir,
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
        let mut mounted = String::new();
        let mut said = BufReader::new(holder.stdout.take().unwrap());
        said.read_line(&mut mounted).unwrap();
        assert_eq!(mounted, "\n", "a tmpfs cannot be mounted here");
        SmallDisk {
            holder,
            owner,
            mount_point,
        }
    }

    /// Where it is for those who have entered it.
    pub fn mount_point(&self) -> &Path {
        self.mount_point.path()
    }

    /// A command that enters it, to be followed by what is run there.
    pub fn enter(&self) -> Vec<String> {
        let pid = self.holder.id();
        let enter = format!("nsenter --target {pid} --user --mount --preserve-credentials --");
        enter.split(' ').map(str::to_owned).collect()
    }

    /// Where it is for those who have not entered it, and do not mind links: SQLite does.
    pub fn path(&self) -> PathBuf {
        let root = format!("/proc/{}/root", self.holder.id());
        Path::new(&root).join(self.mount_point().strip_prefix("/").unwrap())
    }

    /// From now on there is no room for another byte.
    pub fn fills_up(&self) {
        let full = self.as_owner("cat /dev/zero >ballast");
        assert!(!full.status.success(), "it takes more than it has room for");
    }

    /// There is room again.
    pub fn has_room(&self) {
        assert!(self.as_owner("rm ballast").status.success());
    }

    fn as_owner(&self, script: &str) -> Output {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("cd \"$0\" && {script}")])
            .arg(self.path());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command.output().unwrap()
    }

    /// Copies what is on it to a larger disk.
    pub fn copy_to(&self, dir: &Path) {
        for file in fs::read_dir(self.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), dir.join(file.file_name())).unwrap();
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
