//! From a request to the plain connection that it came over.

use bytes::Bytes;
pub use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::TcpStream;

/// Bytes that the system keeps for a client who does not read them; megabytes where nothing is
/// said. Beyond, it is better to leave out what is outdated.
const SEND_BUFFER: usize = 256 * 1024;

/// The connection of a request that was answered with 101, and what the client has sent over it
/// already; nothing where it broke before.
pub async fn plain(upgrade: OnUpgrade) -> Option<(TcpStream, Bytes)> {
    let upgraded = upgrade.await.ok()?;
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => {
            let stream = parts.io.into_inner();
            // Where this fails, the system keeps more.
            let _ = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
            Some((stream, parts.read_buf))
        }
        Err(_) => {
            tracing::error!("an upgraded connection is no TCP connection");
            None
        }
    }
}
