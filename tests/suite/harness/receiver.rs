//! A system that is told of things by webhooks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::any;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::PATIENCE;

/// The secret that it shares with whoever tells it.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What it was told once.
#[derive(Debug)]
pub struct Delivery {
    pub headers: HeaderMap,
    pub body: String,
}

impl Delivery {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// It listens on a port of its own.
pub struct Receiver {
    pub url: String,
    told: mpsc::UnboundedReceiver<Delivery>,
    task: AbortHandle,
}

impl Receiver {
    /// Answers with these statuses in turn, and 204 from then on.
    pub async fn start(answers: &[u16]) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (tell, told) = mpsc::unbounded_channel();
        let answers: VecDeque<u16> = answers.iter().copied().collect();
        let answers = Arc::new(Mutex::new(answers));
        let elsewhere = url.clone();
        let hook = move |headers: HeaderMap, body: String| {
            let _ = tell.send(Delivery { headers, body });
            let status = answers.lock().unwrap().pop_front().unwrap_or(204);
            let status = StatusCode::from_u16(status).unwrap();
            let location = [(header::LOCATION, elsewhere.clone())];
            async move { (status, location) }
        };
        let router = Router::new().route("/hook", any(hook));
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Receiver {
            url,
            told,
            task: task.abort_handle(),
        }
    }

    /// The next delivery.
    pub async fn hears(&mut self) -> Delivery {
        let next = timeout(PATIENCE, self.told.recv()).await;
        next.expect("nothing was delivered").unwrap()
    }

    /// Nothing more was delivered up to now.
    pub fn heard_no_more(&mut self) {
        assert!(self.told.try_recv().is_err());
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}
