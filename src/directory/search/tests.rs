use super::*;

fn read(query: &str) -> Result<Search, Error> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
    let pairs: Vec<_> = pairs
        .map(|(n, v)| (n.to_owned(), v.replace('+', " ")))
        .collect();
    Search::read(&pairs)
}

fn ids(query: &str) -> Vec<String> {
    // A Saturday, 12:00 in the UK.
    let now = Time::from_micros(1_768_651_200_000_000);
    let search = read(&format!("{query}&limit=100")).unwrap();
    let page = search.run(&Snapshot::new(Vec::new()), now);
    page.items.into_iter().map(|service| service.id).collect()
}

fn fault(query: &str) -> (String, String) {
    match read(query).unwrap_err() {
        Error::Invalid(mut faults) => {
            let fault = faults.remove(0);
            (fault.field, fault.message)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn faults_name_their_parameter_and_never_repeat_a_value() {
    for query in [
        "topic=sadness",
        "age=twelve",
        "age=-1",
        "area=E8",
        "outcode=ZZ9",
        "open=always",
        "channel=fax",
        "cost=cheap",
        "feature=nice",
        "within_km=0",
        "within_km=NaN",
        "after=x",
        "limit=0",
        "limit=101",
        "page=2",
        "q=a&q=b",
        "within_km=5",
    ] {
        let (name, value) = query.rsplit('&').next().unwrap().split_once('=').unwrap();
        let (field, message) = fault(query);
        assert_eq!(field, name);
        assert!(
            !value.is_empty() && !message.contains(&format!(" {value} ")),
            "{message}"
        );
    }
}

#[test]
fn a_whole_postcode_is_refused_wherever_it_stands() {
    for query in [
        "outcode=E8+1EA",
        "outcode=e81ea",
        "outcode=M1+1",
        "q=near+E8+1EA",
        "area=E81EA",
    ] {
        let (_, message) = fault(query);
        assert!(message.contains("first half"), "{query}: {message}");
        assert!(!message.contains("1EA"));
    }
    assert!(read("outcode=e8&within_km=5").is_ok());
}

#[test]
fn every_parameter_narrows_the_list() {
    assert!(
        ids("topic=bullying").contains(&"childline".into()),
        "takes any topic"
    );
    assert!(!ids("topic=bullying").contains(&"beat".into()));
    assert!(!ids("age=19").contains(&"childline".into()));
    assert!(!ids("gender=boy").contains(&"refuge".into()));
    assert!(ids("").contains(&"refuge".into()));
    assert!(ids("area=N09000003").contains(&"lifeline".into()));
    assert!(!ids("area=N09000003").contains(&"nhs-111-mental-health".into()));
    assert_eq!(ids("outcode=BT7&within_km=5"), ids("area=N09000003"));
    assert!(
        ids("outcode=CH5").contains(&"meic".into()),
        "lies on the Welsh border"
    );
    assert!(ids("channel=email").iter().all(|id| id == "samaritans"));
    assert!(!ids("cost=free").contains(&"frank".into()));
    assert_eq!(ids("feature=anonymous"), ["fearless"]);
    assert!(!ids("open=weekend").contains(&"beat".into()));
    assert!(ids("open=evening").contains(&"breathing-space".into()));
    assert!(ids("open=after_school").contains(&"beat".into()));
    assert!(
        !ids("open=now").contains(&"kooth".into()),
        "opens at 18:00 on Saturdays"
    );
    assert!(ids("open=now&channel=phone").contains(&"childline".into()));
    assert!(!ids("open=now&channel=chat").contains(&"childline".into()));
}

#[test]
fn the_best_answer_to_words_comes_first() {
    assert_eq!(ids("q=childline")[0], "childline");
    assert_eq!(ids("q=eating")[0], "beat");
    assert!(ids("q=i+feel+so+sad").contains(&"samaritans".into()));
    assert!(ids("q=gambling").contains(&"national-gambling-helpline".into()));
    assert!(ids("q=xyzzy").is_empty());
    assert_eq!(ids("q=help").len(), 35, "no word to go by");
}

#[test]
fn pages_hold_every_service_once() {
    let snapshot = Snapshot::new(Vec::new());
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = read(&format!("limit=4{after}")).unwrap();
        let page = page.run(&snapshot, Time::from_micros(0));
        seen.extend(page.items.into_iter().map(|service| service.id));
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let all: Vec<_> = snapshot.services().iter().map(|s| s.id.clone()).collect();
    assert_eq!(seen, all);
}

#[test]
fn only_what_people_go_to_can_be_far_away() {
    let mut facts = super::super::Facts {
        name: "Drop-in".into(),
        ..Default::default()
    };
    facts.nations = vec![Nation::England];
    facts.position = Some(geo::Position {
        lat: 53.48,
        lon: -2.24,
    });
    let snapshot = Snapshot::new(vec![Service::new("drop-in", facts, None)]);
    let near = |query: &str| {
        let page = read(query).unwrap().run(&snapshot, Time::from_micros(0));
        page.items.iter().any(|service| service.id == "drop-in")
    };
    assert!(near("outcode=M1&within_km=5&limit=100"));
    assert!(!near("outcode=E8&within_km=50&limit=100"));
    assert!(near("outcode=E8&limit=100"));
}
