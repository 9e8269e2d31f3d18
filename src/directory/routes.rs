//! The directory over HTTP. No token: whoever needs help may look, and nobody learns who did.

use axum::Json;
use axum::extract::{FromRef, State};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{self, Place};
use super::search::{self, Search};
use super::{Area, Channel, Directory, Feature, Service, areas};
use crate::clock::Clock;
use crate::error::{Error, FieldError, Problem, Result};
use crate::extract::{Path, Query};
use crate::page::Page;
use crate::triage::Topic;

/// The routes of the directory.
pub fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Directory: FromRef<S>,
    Clock: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_services))
        .routes(routes!(get_service))
        .routes(routes!(list_areas))
        .routes(routes!(list_topics))
}

/// What `GET /v1/services` understands. [`Search::read`] reads it; this describes it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the description alone is used")]
struct ServiceParameters {
    /// Words to look for, at most 100 characters; the best answers come first.
    q: Option<String>,
    /// Only services that help with this topic, or with anything.
    topic: Option<Topic>,
    /// Only services for people of this age, in years.
    #[param(minimum = 0, maximum = 120)]
    age: Option<u8>,
    /// A person's own words for their gender; leaves out services that are for others alone.
    gender: Option<String>,
    /// Only services that cover this area: a GSS code from `/v1/areas`.
    area: Option<String>,
    /// Only services for this first half of a postcode, such as `E8`. A whole one is refused.
    outcode: Option<String>,
    /// Only services that are known to be open then, in UK time: `now`; `evening`, 18:00 to
    /// 22:00; `weekend`; or `after_school`, 15:30 to 18:00 from Monday to Friday.
    #[param(pattern = "^(now|evening|weekend|after_school)$")]
    open: Option<String>,
    /// Only services that can be reached this way.
    channel: Option<Channel>,
    /// Only services of this cost: `free`.
    #[param(inline)]
    cost: Option<super::Cost>,
    /// Only services with this feature.
    feature: Option<Feature>,
    /// Only services at most so many kilometres from the outcode or the middle of the area;
    /// those that nobody has to go to are always near.
    #[param(exclusive_minimum = 0, maximum = 1500)]
    within_km: Option<f64>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many a page has; 20 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u8>,
}

/// Search the services that help young people
#[utoipa::path(get, path = "/v1/services", tag = "Directory", params(ServiceParameters),
    responses(
        (status = OK, body = Page<Service>),
        (status = BAD_REQUEST, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list_services(
    State(directory): State<Directory>,
    State(clock): State<Clock>,
    Query(parameters): Query<Vec<(String, String)>>,
) -> Result<Json<Page<Service>>> {
    let search = Search::read(&parameters)?;
    Ok(Json(search.run(&directory.snapshot(), clock.now())))
}

/// One service
#[utoipa::path(get, path = "/v1/services/{id}", tag = "Directory",
    params(("id" = String, Path, description = "The id of the service")),
    responses(
        (status = OK, body = Service),
        (status = NOT_FOUND, body = Problem, content_type = "application/problem+json"),
    ))]
async fn get_service(
    State(directory): State<Directory>,
    Path(id): Path<String>,
) -> Result<Json<Service>> {
    let snapshot = directory.snapshot();
    snapshot.get(&id).cloned().map(Json).ok_or(Error::NotFound)
}

/// What `GET /v1/areas` understands.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the description alone is used")]
struct AreaParameters {
    /// The `next` of the page before.
    after: Option<String>,
    /// How many a page has; all 361 if left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u8>,
}

/// The areas that a person may say they live in
#[utoipa::path(get, path = "/v1/areas", tag = "Directory", params(AreaParameters),
    responses(
        (status = OK, body = Page<Area>),
        (status = BAD_REQUEST, body = Problem, content_type = "application/problem+json"),
    ))]
async fn list_areas(
    Query(parameters): Query<Vec<(String, String)>>,
) -> Result<Json<Page<&'static Area>>> {
    let (mut after, mut limit) = (None, areas().len());
    let mut faults = Vec::new();
    for (name, value) in &parameters {
        let read = match name.as_str() {
            "after" => Place::read(value)
                .map(|place| after = Some(place))
                .ok_or_else(|| "Please give the next of the page before.".to_owned()),
            "limit" => search::limit(value).map(|read| limit = read),
            _ => Err("Expected one of: after, limit.".into()),
        };
        if let Err(message) = read {
            faults.push(FieldError {
                field: name.chars().take(40).collect(),
                message,
            });
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let entries = areas().iter().map(|area| (Place::new(0, &area.code), area));
    Ok(Json(page::page(entries.collect(), after.as_ref(), limit)))
}

/// A topic and what young people call it.
#[derive(Serialize, ToSchema)]
struct TopicEntry {
    /// The name in the contract.
    id: Topic,
    /// Plain words for it, such as "being bullied".
    label: &'static str,
}

/// What a post can be about
#[utoipa::path(get, path = "/v1/topics", tag = "Directory",
    responses((status = OK, body = Page<TopicEntry>)))]
async fn list_topics() -> Json<Page<TopicEntry>> {
    let items = Topic::ALL.into_iter().map(|topic| TopicEntry {
        id: topic,
        label: topic.label(),
    });
    Json(Page {
        items: items.collect(),
        next: None,
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt;

    use super::*;
    use crate::clock::Time;

    #[derive(Clone, FromRef)]
    struct App {
        directory: Directory,
        clock: Clock,
    }

    async fn get(uri: &str) -> (StatusCode, serde_json::Value) {
        let app = App {
            directory: Directory::new(),
            clock: Clock::manual(Time::from_micros(0)),
        };
        let (router, _) = routes::<App>().with_state(app).split_for_parts();
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn the_routes_answer_as_the_contract_says() {
        let (status, page) = get("/v1/services?topic=bullying&age=13&limit=2").await;
        assert_eq!(
            (status, page["items"].as_array().unwrap().len()),
            (StatusCode::OK, 2)
        );
        assert!(page["next"].is_string());
        let (status, childline) = get("/v1/services/childline").await;
        assert_eq!(
            (status, childline["phone"].as_str()),
            (StatusCode::OK, Some("0800 1111"))
        );
        assert_eq!(get("/v1/services/nobody").await.0, StatusCode::NOT_FOUND);
        let (_, areas) = get("/v1/areas").await;
        assert_eq!(areas["items"].as_array().unwrap().len(), 361);
        assert_eq!(areas["items"][0]["code"], "E06000001");
        assert!(areas["items"][0].get("lat").is_none());
        let (_, page) = get("/v1/areas?limit=100").await;
        assert!(page["next"].is_string());
        let (_, topics) = get("/v1/topics").await;
        assert_eq!(topics["items"].as_array().unwrap().len(), Topic::ALL.len());
    }

    #[tokio::test]
    async fn a_whole_postcode_is_a_problem_that_explains_itself() {
        let (status, problem) = get("/v1/services?outcode=E8%201EA").await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(problem["errors"][0]["field"], "outcode");
        assert!(
            problem["errors"][0]["message"]
                .as_str()
                .unwrap()
                .contains("first half")
        );
        assert!(!problem.to_string().contains("1EA"));
        assert_eq!(
            get("/v1/services?colour=red").await.0,
            StatusCode::BAD_REQUEST
        );
        assert_eq!(get("/v1/areas?colour=red").await.0, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn the_description_names_every_parameter() {
        let (_, api) = routes::<App>().split_for_parts();
        let api = serde_json::to_value(api).unwrap();
        let parameters = api["paths"]["/v1/services"]["get"]["parameters"]
            .as_array()
            .unwrap();
        assert_eq!(parameters.len(), 13);
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap().to_owned();
            let Err(Error::Invalid(faults)) = Search::read(&[(name, " ~ ".into())]) else {
                continue;
            };
            assert!(
                !faults[0].message.contains("within_km, after"),
                "{}",
                faults[0].field
            );
        }
    }
}
