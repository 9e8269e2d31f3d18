//! `/openapi.json`, held against what the app does.

use serde_json::Value;
use tokio::sync::OnceCell;

use super::{Answer, App};

/// A method of a path.
#[derive(Clone, Debug)]
pub struct Operation {
    pub method: String,
    /// With its variable parts in braces.
    pub path: String,
    pub has_body: bool,
    /// `person`, `staff` or neither.
    pub security: Option<String>,
    statuses: Vec<u16>,
}

/// Everything the description says there is.
pub struct Contract(pub Vec<Operation>);

static CONTRACT: OnceCell<Contract> = OnceCell::const_new();

impl Contract {
    /// The same for every app of this build, so it is read once.
    pub async fn of(app: &App) -> &'static Contract {
        CONTRACT
            .get_or_init(|| async {
                let answer = app.request(reqwest::Method::GET, "/openapi.json");
                let answer = Answer::to(&app.http, answer.build().unwrap()).await;
                Contract::read(&answer.ok(200))
            })
            .await
    }

    fn read(description: &Value) -> Contract {
        let paths = description["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods
                .filter(|(_, operation)| operation.get("responses").is_some())
                .map(move |(method, operation)| Operation::read(path, method, operation))
        });
        Contract(operations.collect())
    }

    /// The operation that an answer comes from.
    fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        let fits = |operation: &&Operation| operation.method == method && operation.fits(path);
        // A path that is written out goes before one with variable parts.
        let variables = |operation: &&Operation| operation.path.matches('{').count();
        self.0.iter().filter(fits).min_by_key(variables)
    }

    /// An answer has a status that its operation names; where there is none, it is 404 or 405.
    #[track_caller]
    pub fn check(&self, answer: &Answer) {
        match self.find(&answer.method, &answer.path) {
            Some(operation) => assert!(
                operation.statuses.contains(&answer.status),
                "{} {} does not say that it may answer {}: {:#}",
                operation.method,
                operation.path,
                answer.status,
                answer.body
            ),
            None if answer.path.starts_with("/v1/") => {
                assert!(matches!(answer.status, 404 | 405), "{answer:#?}");
            }
            None => {}
        }
    }
}

impl Operation {
    fn read(path: &str, method: &str, operation: &Value) -> Operation {
        let statuses = operation["responses"].as_object().unwrap().keys();
        let schemes = operation["security"].as_array().into_iter().flatten();
        Operation {
            method: method.to_uppercase(),
            path: path.into(),
            has_body: operation.get("requestBody").is_some(),
            security: schemes
                .filter_map(|scheme| scheme.as_object()?.keys().next().cloned())
                .next(),
            statuses: statuses.map(|status| status.parse().unwrap()).collect(),
        }
    }

    fn fits(&self, path: &str) -> bool {
        let (ours, theirs) = (self.path.split('/'), path.split('/'));
        ours.clone().count() == theirs.clone().count()
            && ours
                .zip(theirs)
                .all(|(ours, theirs)| ours.starts_with('{') || ours == theirs)
    }
}
