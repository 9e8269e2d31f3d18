//! The routes of the console, and their list: a router does not tell what it holds, and a test has
//! to try each of them as everybody.
//!
//! [`Pages`], [`get`] and [`post`] are used as axum's own `Router`, `get` and `post` are.

use axum::Router;
use axum::handler::Handler;
use axum::routing::MethodRouter;

use super::Desk;

/// What can be asked of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The path, with its variable parts in braces.
    pub path: &'static str,
    /// `GET` or `POST`.
    pub method: &'static str,
}

/// Routes with their list.
#[derive(Default)]
pub(super) struct Pages {
    pub router: Router<Desk>,
    pub list: Vec<Route>,
}

/// What a path answers, by its method.
pub(super) struct Methods {
    router: MethodRouter<Desk>,
    names: Vec<&'static str>,
}

impl Pages {
    pub fn new() -> Pages {
        Pages::default()
    }

    pub fn route(mut self, path: &'static str, methods: Methods) -> Pages {
        let routes = methods.names.into_iter();
        self.list
            .extend(routes.map(|method| Route { path, method }));
        self.router = self.router.route(path, methods.router);
        self
    }

    pub fn merge(mut self, other: Pages) -> Pages {
        self.list.extend(other.list);
        self.router = self.router.merge(other.router);
        self
    }
}

/// A page.
pub(super) fn get<H, T>(handler: H) -> Methods
where
    H: Handler<T, Desk>,
    T: 'static,
{
    Methods {
        router: axum::routing::get(handler),
        names: vec!["GET"],
    }
}

/// What a form is sent to.
pub(super) fn post<H, T>(handler: H) -> Methods
where
    H: Handler<T, Desk>,
    T: 'static,
{
    Methods {
        router: axum::routing::post(handler),
        names: vec!["POST"],
    }
}

impl Methods {
    pub fn post<H, T>(mut self, handler: H) -> Methods
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        self.router = self.router.post(handler);
        self.names.push("POST");
        self
    }
}
