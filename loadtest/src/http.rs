//! An HTTP client that keeps one connection, and costs little beside the server it measures.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpSocket, TcpStream};

/// Connections from one loopback address: fewer than the ports that the kernel gives out.
const PER_SOURCE: usize = 20_000;

/// Opens a connection. On the loopback interface the `number` chooses the address that it comes
/// from, so that there are ports enough for any number of connections.
pub async fn connect(address: SocketAddr, number: usize) -> std::io::Result<TcpStream> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    if address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) {
        let last = 2 + (number / PER_SOURCE) % 250;
        let source = Ipv4Addr::new(127, 0, 0, last as u8);
        socket.bind(SocketAddr::from((source, 0)))?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A client with a connection of its own, which is opened again where the server closed it.
pub struct Client {
    address: SocketAddr,
    host: HeaderValue,
    sender: SendRequest<Full<Bytes>>,
}

impl Client {
    /// Connects.
    pub async fn new(address: SocketAddr) -> Result<Client> {
        Ok(Client {
            address,
            host: HeaderValue::from_str(&address.to_string())?,
            sender: handshake(address).await?,
        })
    }

    /// Sends a request and reads the whole answer. A connection that turns out to be closed is
    /// opened again for the next request.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        token: Option<&HeaderValue>,
        body: Option<Bytes>,
    ) -> Result<(StatusCode, Bytes)> {
        if self.sender.ready().await.is_err() {
            self.sender = handshake(self.address).await?;
        }
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.host);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(body.unwrap_or_default()))?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    /// Sends a request, and fails where the answer is not `expected`.
    pub async fn expect(
        &mut self,
        expected: StatusCode,
        method: Method,
        path: &str,
        token: Option<&HeaderValue>,
        body: Option<Bytes>,
    ) -> Result<Bytes> {
        let (status, answer) = self.send(method.clone(), path, token, body).await?;
        if status != expected {
            let answer = String::from_utf8_lossy(&answer);
            bail!("{method} {path}: expected {expected}, the answer is {status}: {answer}");
        }
        Ok(answer)
    }
}

async fn handshake(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = connect(address, 0)
        .await
        .with_context(|| format!("expected a server at {address}"))?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends when the sender is dropped, or with an error that the next request sees.
    tokio::spawn(connection);
    Ok(sender)
}
