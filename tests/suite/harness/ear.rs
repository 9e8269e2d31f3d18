//! A client of the live socket.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{App, PATIENCE};

/// An open socket.
pub struct Ear(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Ear {
    /// Opens a socket; the status of the answer where there is none to be had.
    pub async fn open(app: &App, token: Option<&str>, path: &str) -> Result<Ear, u16> {
        Ear::open_at(&app.url(path), token).await
    }

    pub async fn open_at(url: &str, token: Option<&str>) -> Result<Ear, u16> {
        match Ear::connect(url, token).await {
            Ok(ear) => Ok(ear),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a socket where there may be nobody.
    pub async fn connect(url: &str, token: Option<&str>) -> Result<Ear, Error> {
        let mut request = url.replacen("http", "ws", 1).into_client_request()?;
        if let Some(token) = token {
            let bearer = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert("authorization", bearer);
        }
        connect_async(request).await.map(|(socket, _)| Ear(socket))
    }

    pub async fn says(&mut self, message: Value) {
        self.sends(Message::text(message.to_string())).await;
    }

    pub async fn sends(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// The next message; pings are answered on the way.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.raw().await {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    /// The next message, whatever it is.
    pub async fn raw(&mut self) -> Message {
        let next = timeout(PATIENCE, self.0.next()).await;
        next.expect("nothing came")
            .expect("the socket ended without a close frame")
            .unwrap()
    }

    /// The next message, which has to be of this type.
    #[track_caller]
    pub fn hears(&mut self, kind: &str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let message = self.next().await;
            assert_eq!(message["type"], kind, "{caller}: {message:#}");
            message
        }
    }

    /// The code of the close frame, which has to be the next thing that comes.
    pub async fn closes(&mut self) -> u16 {
        match self.raw().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("expected a close frame, got {other:?}"),
        }
    }

    /// Waits for the end of a socket that this side has closed.
    pub async fn ends(&mut self) {
        while let Some(Ok(message)) = timeout(PATIENCE, self.0.next()).await.expect("no end") {
            assert!(message.is_close(), "{message:?}");
        }
    }
}
