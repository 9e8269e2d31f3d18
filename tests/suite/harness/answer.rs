//! What the app answered.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Request};
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub method: String,
    pub path: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// `null` where there is none; a string where it is not JSON.
    pub body: Value,
}

impl Answer {
    pub async fn to(client: &Client, request: Request) -> Answer {
        let (method, path) = (
            request.method().to_string(),
            request.url().path().to_owned(),
        );
        let response = client.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = match serde_json::from_str(&text) {
            Ok(json) => json,
            Err(_) if text.is_empty() => Value::Null,
            Err(_) => Value::String(text),
        };
        Answer {
            method,
            path,
            status,
            headers,
            body,
        }
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:#?}");
        self.body
    }

    /// The problem of an answer with this status.
    #[track_caller]
    pub fn refused(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:#?}");
        self.is_problem();
        self.body
    }

    /// The field that a 400 names.
    #[track_caller]
    pub fn fault(self) -> String {
        let problem = self.refused(400);
        problem["errors"][0]["field"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// An error is an RFC 9457 problem, whatever it is.
    #[track_caller]
    pub fn is_problem(&self) {
        assert_eq!(
            self.headers[CONTENT_TYPE], "application/problem+json",
            "{self:#?}"
        );
        assert_eq!(self.body["status"], self.status, "{self:#?}");
        for field in ["type", "title", "detail"] {
            assert!(
                self.body[field]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{self:#?}"
            );
        }
    }
}
