//! The live socket, spoken to byte by byte.

use crate::harness::{App, GREEN, Wire, masked};

const SUBSCRIBE: &[u8] = br#"{"type":"subscribe"}"#;
const POLICY: u16 = 1008;
const TOO_BIG: u16 = 1009;

async fn is_ready(wire: &mut Wire) {
    let (first, ready) = wire.hears().await;
    let ready = String::from_utf8(ready).unwrap();
    assert_eq!(first, 0x81);
    assert!(ready.starts_with(r#"{"type":"ready""#), "{ready}");
}

pub async fn what_is_said_together_with_the_request_is_heard(app: &App) {
    let mia = app.person("13-15").await;
    let together = [masked(0x89, b"hi"), masked(0x81, SUBSCRIBE)].concat();
    let mut wire = Wire::open(app, &mia.token(), &together).await;
    assert_eq!(wire.hears().await, (0x8a, b"hi".to_vec()));
    is_ready(&mut wire).await;
    let secret = mia.posts(GREEN).await;
    let (_, told) = wire.hears().await;
    assert!(String::from_utf8(told).unwrap().contains(&secret.id));
}

pub async fn a_message_comes_in_any_pieces(app: &App) {
    let mia = app.person("13-15").await;
    let mut wire = Wire::open(app, &mia.token(), b"").await;
    let (one, other) = SUBSCRIBE.split_at(7);
    let pieces = [masked(0x01, one), masked(0x89, b""), masked(0x80, other)].concat();
    for byte in pieces {
        wire.says(&[byte]).await;
    }
    assert_eq!(wire.hears().await, (0x8a, vec![]));
    is_ready(&mut wire).await;
}

pub async fn frames_that_no_client_may_write_end_it(app: &App) {
    let mia = app.person("13-15").await;
    let unmasked = [&[0x81, SUBSCRIBE.len() as u8], SUBSCRIBE].concat();
    // Of these, nothing but the announcement is ever sent.
    let announced = [
        &[0x81, 0x80 | 127][..],
        &(1_u64 << 40).to_be_bytes(),
        &[0; 4],
    ]
    .concat();
    for (frame, code) in [
        (unmasked, POLICY),
        (masked(0x89, &[0; 126]), POLICY),
        (masked(0x09, b"in pieces"), POLICY),
        (masked(0xc1, SUBSCRIBE), POLICY),
        (masked(0x81, b"\xff\xfe"), POLICY),
        (announced, TOO_BIG),
    ] {
        let mut wire = Wire::open(app, &mia.token(), &frame).await;
        assert_eq!(wire.closes().await, code, "{:x?}", &frame[..2]);
    }
}
