use axum::extract::{FromRef, FromRequestParts};
use axum::http::{Request, header};

use super::*;
use crate::accounts::{Accounts, AgeBand, NewAccount, Person};
use crate::bus::Bus;
use crate::clock::Time;

#[derive(Clone)]
struct World {
    staff: Staff,
    accounts: Accounts,
    clock: Clock,
    _dir: Arc<tempfile::TempDir>,
}

impl FromRef<World> for Staff {
    fn from_ref(world: &World) -> Staff {
        world.staff.clone()
    }
}

impl FromRef<World> for Accounts {
    fn from_ref(world: &World) -> Accounts {
        world.accounts.clone()
    }
}

async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open_file(&dir.path().join("hearth.db")).await.unwrap();
    db.migrate().await.unwrap();
    let keys = Arc::new(Keys::from_root([7; 32]));
    let clock = Clock::manual(Time::from_micros(1_800_000_000_000_000));
    World {
        staff: Staff::new(db.clone(), keys.clone(), clock.clone()),
        accounts: Accounts::new(db, keys, clock.clone(), Bus::default()),
        clock,
        _dir: Arc::new(dir),
    }
}

impl World {
    fn code(&self, added: &Added) -> String {
        let secret = BASE32_NOPAD.decode(added.totp_secret.as_bytes()).unwrap();
        let seconds = u64::try_from(self.clock.now().seconds()).unwrap();
        totp::generator(secret)
            .unwrap()
            .generate(seconds)
            .to_string()
    }

    async fn sign_in(&self, added: &Added, code: &str) -> Result<Session> {
        self.staff
            .sign_in(&added.name, added.password.clone(), code, Place::Api)
            .await
    }

    /// The status that a handler which takes an `E` answers with; 200 where it is called.
    async fn ask<E: FromRequestParts<World, Rejection = Error>>(&self, token: &str) -> u16 {
        let request = Request::builder().header(header::AUTHORIZATION, format!("Bearer {token}"));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        match E::from_request_parts(&mut parts, self).await {
            Ok(_) => 200,
            Err(Error::Unauthenticated) => 401,
            Err(Error::Forbidden) => 403,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn roles_agree_with_serde() {
    for role in Role::ALL {
        assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        assert_eq!(role.as_str().parse(), Ok(role));
    }
}

#[tokio::test]
async fn a_name_is_taken_once_and_each_act_is_on_the_record() {
    let world = world().await;
    let added = world.staff.add("Ada", Role::Lead, None).await.unwrap();
    let again = world.staff.add("Ada", Role::Admin, None).await;
    assert!(matches!(again, Err(AddError::Taken)));
    for name in ["", " Ada", "a\nb", &"x".repeat(65)] {
        let refused = world.staff.add(name, Role::Lead, None).await;
        assert!(matches!(refused, Err(AddError::Name)), "{name}");
    }
    world.sign_in(&added, &world.code(&added)).await.unwrap();

    let db = &world.staff.db;
    assert_eq!(count(db).await.unwrap(), 1);
    let lines = audit::lines(db, 0, 10).await.unwrap();
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["staff.add", "staff.sign_in"]);
    assert_eq!(lines[1].actor, format!("staff:{}", lines[0].subject));
    assert_eq!(audit::verify(db).await.unwrap(), Ok(2));
}

#[tokio::test]
async fn a_one_time_code_works_once() {
    let world = world().await;
    let added = world.staff.add("Ada", Role::Lead, None).await.unwrap();
    let code = world.code(&added);
    assert!(world.sign_in(&added, &code).await.is_ok());
    assert!(world.sign_in(&added, &code).await.is_err());
    world.clock.advance(Duration::from_secs(30));
    assert!(
        world.sign_in(&added, &code).await.is_err(),
        "within the skew"
    );
    let next = world.code(&added);
    let both = tokio::join!(world.sign_in(&added, &next), world.sign_in(&added, &next));
    assert!(both.0.is_ok() != both.1.is_ok());
}

#[tokio::test]
async fn every_wrong_sign_in_gets_the_same_answer() {
    let world = world().await;
    let added = world.staff.add("Ada", Role::Lead, None).await.unwrap();
    let code = world.code(&added);
    let wrong_code = if code == "000000" { "000001" } else { "000000" };
    let attempts = [
        ("Ada", "wrong", code.as_str()),
        ("Ada", "", code.as_str()),
        ("Ada", added.password.as_str(), wrong_code),
        ("Ada", added.password.as_str(), ""),
        ("ada", added.password.as_str(), code.as_str()),
        ("Ada\0", added.password.as_str(), code.as_str()),
        ("Grace", added.password.as_str(), code.as_str()),
    ];
    for (name, password, code) in attempts {
        let refused = world
            .staff
            .sign_in(name, password.into(), code, Place::Api)
            .await;
        assert!(
            matches!(refused, Err(Error::Unauthenticated)),
            "{name} {password} {code}"
        );
    }
    assert!(world.sign_in(&added, &code).await.is_ok());
}

#[tokio::test]
async fn a_role_opens_what_is_its_own() {
    let world = world().await;
    for (role, moderator, lead, auditor) in [
        (Role::Moderator, 200, 403, 200),
        (Role::Lead, 200, 200, 200),
        (Role::OrgWorker, 403, 403, 403),
        (Role::Analyst, 403, 403, 200),
        (Role::Admin, 403, 403, 200),
    ] {
        let added = world
            .staff
            .add(role.as_str(), role, Some("org-1"))
            .await
            .unwrap();
        let session = world.sign_in(&added, &world.code(&added)).await.unwrap();
        let token = &session.access_token;
        assert_eq!(session.role, role);
        assert_eq!(world.ask::<Member>(token).await, 200);
        assert_eq!(world.ask::<Moderator>(token).await, moderator, "{role:?}");
        assert_eq!(world.ask::<Lead>(token).await, lead, "{role:?}");
        assert_eq!(world.ask::<Auditor>(token).await, auditor, "{role:?}");
        assert_eq!(
            world.ask::<Person>(token).await,
            401,
            "staff are not people"
        );
    }
}

#[tokio::test]
async fn a_session_is_for_staff_and_for_a_shift() {
    let world = world().await;
    let new = NewAccount {
        age_band: AgeBand::From18To19,
        area: None,
        gender: None,
    };
    let (person, _) = world.accounts.create(&new).await.unwrap();
    assert_eq!(world.ask::<Person>(&person.access_token).await, 200);
    for token in [person.access_token.as_str(), &person.refresh_token, "", "x"] {
        assert_eq!(world.ask::<Moderator>(token).await, 401);
    }

    let added = world.staff.add("Ada", Role::Lead, None).await.unwrap();
    let session = world.sign_in(&added, &world.code(&added)).await.unwrap();
    let half_an_hour = Duration::from_secs(30 * 60);
    world.clock.advance(half_an_hour - Duration::from_secs(1));
    let token = &session.access_token;
    assert!(world.staff.authenticate_without_use(token).await.is_ok());
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.ask::<Lead>(token).await, 401);
    world.clock.advance(Duration::from_secs(12 * 60 * 60));
    prune(&world.staff.db, world.clock.now()).await.unwrap();
}

#[tokio::test]
async fn a_browser_is_known_by_what_it_was_given_for_that_name() {
    let world = world().await;
    let given = world.staff.remember_browser("Ada");
    let known = |name: &str, shown: &str| world.staff.recognise_browser(name, shown);
    let nonce = known("Ada", &given).unwrap();
    assert_ne!(
        known("Ada", &world.staff.remember_browser("Ada")).unwrap(),
        nonce
    );
    let (day, rest) = given.split_once('.').unwrap();
    let later: i64 = day.parse::<i64>().unwrap() + 1;
    for (name, shown) in [
        ("Grace", given.as_str()),
        ("Ada", &format!("{later}.{rest}")),
        ("Ada", &format!("{day}..")),
        ("Ada", &format!("-9223372036854775808.{rest}")),
        ("Ada", &given[..given.len() - 2]),
        ("Ada", ""),
    ] {
        assert_eq!(known(name, shown), None, "{name} {shown}");
    }
    let days = |days: u64| Duration::from_secs(days * 86_400);
    world.clock.advance(days(180));
    assert!(known("Ada", &given).is_some());
    world.clock.advance(days(1));
    assert_eq!(known("Ada", &given), None);
}

#[tokio::test]
async fn of_two_admins_who_shut_each_other_out_one_stays() {
    let world = world().await;
    let admin = async |name: &str| {
        let added = world.staff.add(name, Role::Admin, None).await.unwrap();
        let session = world.sign_in(&added, &world.code(&added)).await.unwrap();
        let token = session.access_token;
        world.staff.authenticate(&token).await.unwrap()
    };
    let (ada, grace) = (admin("Ada").await, admin("Grace").await);
    let (one, other) = tokio::join!(
        world.staff.deactivate(&ada, grace.id),
        world.staff.reset(&grace, ada.id)
    );
    assert!(one.is_ok() != other.is_ok());
}
