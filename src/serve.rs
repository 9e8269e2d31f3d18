//! Takes connections and serves them, within bounds.
//!
//! In place of `axum::serve`, which waits for ever for a client that never finishes its headers,
//! and takes connections until the process has no descriptors left to open a file with.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Connections that may wait to be taken: after a restart, everybody comes back at once.
const BACKLOG: u32 = 4_096;
/// Connections that one process serves, beside those that became live sockets. One more is
/// closed at once.
const MAX_CONNECTIONS: usize = 10_000;
/// How long a connection may be idle, and a client may take to send the headers of a request:
/// longer than the minute for which a proxy keeps an idle connection.
const HEADERS_PATIENCE: Duration = Duration::from_secs(75);
/// How long no connection is taken when the process has no descriptor left for one.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens on `address`.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A restart need not wait until the connections of before are forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` is cancelled and every request that began by then is answered.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Ok(place) = places.clone().try_acquire_owned() else {
                    metrics::counter!("hearth_refused_connections_total").increment(1);
                    continue;
                };
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    connection(stream, peer, router, stop, HEADERS_PATIENCE).await;
                    drop(place);
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// Serves one connection to its end, or until it becomes a live socket. What goes wrong is the
/// client's affair.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
    patience: Duration,
) {
    // Small answers must not wait to be sent together.
    let _ = stream.set_nodelay(true);
    let service = router.map_request(move |mut request: axum::http::Request<_>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// What a client is answered who sends this and then waits.
    async fn answer(sent: &str) -> String {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route(
            "/",
            get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()),
        );
        let served = tokio::spawn(async move {
            let (stream, peer) = listener.accept().await.unwrap();
            let patience = Duration::from_millis(100);
            connection(stream, peer, router, CancellationToken::new(), patience).await;
        });
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        served.await.unwrap();
        answer
    }

    #[tokio::test]
    async fn who_never_finishes_their_headers_is_let_go() {
        assert_eq!(answer("").await, "");
        assert_eq!(answer("GET / HTTP/1.1\r\nhost: x\r\n").await, "");
        let whole = answer("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(whole.starts_with("HTTP/1.1 200") && whole.ends_with("127.0.0.1"));
    }
}
