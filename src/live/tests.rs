//! The fan-out over real connections, without a database.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::connection::{Connection, Need};
use super::end::End;
use super::fanout::Fanout;
use super::frames;
use super::message::{Body, Frame, Message};
use super::subscriber::Subscriber;
use super::topics::TopicSet;
use crate::clock::Time;
use crate::ids::{AccountId, PostId};
use crate::triage::Topic;

/// A connection that the fan-out writes to, and its other side.
struct Ear {
    account: AccountId,
    connection: Arc<Connection>,
    client: TcpStream,
}

impl Ear {
    async fn open(fanout: &Fanout, muted: &[Topic]) -> Ear {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (server, _) = server.unwrap();
        let account = AccountId::random();
        let subscriber = Subscriber {
            account,
            muted: muted.iter().collect(),
            topics: TopicSet::default(),
        };
        server.writable().await.unwrap();
        let connection = Arc::new(Connection::new(server, subscriber));
        fanout.join(connection.clone());
        let client = client.unwrap();
        Ear {
            account,
            connection,
            client,
        }
    }

    async fn subscribed(fanout: &Fanout, muted: &[Topic]) -> Ear {
        let mut ear = Ear::open(fanout, muted).await;
        ear.connection
            .subscribe(TopicSet::default(), None, false, fanout);
        let seq = fanout.head();
        assert_eq!(ear.read_once().await, Frame::Ready { seq }.encode());
        ear
    }

    /// What one read takes; nothing where nothing comes.
    async fn read_once(&mut self) -> Bytes {
        let mut bytes = vec![0; 1024 * 1024];
        let read = tokio::time::timeout(Duration::from_millis(200), self.client.read(&mut bytes));
        let read = read.await.map_or(0, Result::unwrap);
        bytes.truncate(read);
        bytes.into()
    }
}

fn frame(seq: i64) -> Bytes {
    frames::text(format!(r#"{{"seq":{seq}}}"#))
}

fn message(seq: i64, topics: &[Topic], body: Body) -> Message {
    Message {
        seq,
        post: PostId::random(),
        topics: topics.iter().collect(),
        body,
    }
}

fn counts(seq: i64, topics: &[Topic]) -> Message {
    message(seq, topics, Body::Reactions(frame(seq)))
}

fn gone(seq: i64) -> Message {
    message(seq, &[], Body::Gone(frame(seq)))
}

fn frames_of(seqs: impl IntoIterator<Item = i64>) -> Bytes {
    let frames: Vec<Bytes> = seqs.into_iter().map(frame).collect();
    frames.concat().into()
}

fn start() -> Time {
    Time::from_micros(1_768_924_800_000_000)
}

async fn publish(fanout: &Arc<Fanout>, messages: Vec<Message>) {
    let head = messages.last().unwrap().seq;
    fanout.publish(head, messages, start()).await;
}

#[tokio::test]
async fn a_burst_is_one_write_in_order() {
    let fanout = Arc::new(Fanout::new(10));
    let mut ears = Vec::new();
    for _ in 0..150 {
        ears.push(Ear::subscribed(&fanout, &[]).await);
    }
    publish(&fanout, (11..43).map(gone).collect()).await;
    for ear in &mut ears {
        assert_eq!(ear.read_once().await, frames_of(11..43));
    }
}

#[tokio::test]
async fn each_is_told_what_they_want_and_no_more() {
    let fanout = Arc::new(Fanout::new(0));
    let mut all = Ear::subscribed(&fanout, &[]).await;
    let mut some = Ear::subscribed(&fanout, &[Topic::Exams]).await;
    let mut exams = Ear::open(&fanout, &[]).await;
    let topics = [Topic::Exams].iter().collect();
    exams.connection.subscribe(topics, None, false, &fanout);
    exams.read_once().await;
    let mut nobody = Ear::open(&fanout, &[]).await;
    publish(
        &fanout,
        vec![
            counts(1, &[Topic::Exams]),
            counts(2, &[Topic::Family]),
            gone(3),
            counts(4, &[Topic::Exams, Topic::Family]),
        ],
    )
    .await;
    assert_eq!(all.read_once().await, frames_of([1, 2, 3, 4]));
    assert_eq!(some.read_once().await, frames_of([2, 3]));
    assert_eq!(exams.read_once().await, frames_of([1, 3, 4]));
    assert!(nobody.read_once().await.is_empty(), "it has not subscribed");
}

#[tokio::test]
async fn what_was_told_is_not_told_again() {
    let fanout = Arc::new(Fanout::new(0));
    let mut ahead = Ear::open(&fanout, &[]).await;
    // Another process told them more than this one knows of yet.
    ahead
        .connection
        .subscribe(TopicSet::default(), Some(2), true, &fanout);
    ahead.read_once().await;
    publish(&fanout, (1..4).map(gone).collect()).await;
    assert_eq!(ahead.read_once().await, frame(3));
    publish(&fanout, vec![gone(4)]).await;
    assert_eq!(ahead.read_once().await, frame(4));
}

#[tokio::test]
async fn who_reads_nothing_is_left_to_its_task_and_keeps_nobody() {
    let fanout = Arc::new(Fanout::new(0));
    let slow = Ear::subscribed(&fanout, &[]).await;
    let mut quick = Ear::subscribed(&fanout, &[]).await;
    let large = |seq| message(seq, &[], Body::Gone(frames::text(vec![b'x'; 1024 * 1024])));
    for seq in 1..9 {
        publish(&fanout, vec![large(seq)]).await;
        let mut read = 0;
        while read < 1024 * 1024 {
            let now = quick.read_once().await.len();
            assert!(now > 0, "message {seq} is not told");
            read += now;
        }
    }
    assert_eq!(slow.connection.need().await, Need::Write);
    // It was told less than the others, and knows that.
    let laggard = slow.connection.behind(&fanout).unwrap();
    assert!(laggard.seq < 8 && !laggard.is_resuming, "{laggard:?}");
}

#[tokio::test]
async fn who_is_told_in_words_of_their_own_reads_them_first() {
    let fanout = Arc::new(Fanout::new(0));
    let mut mia = Ear::subscribed(&fanout, &[]).await;
    let mut zoe = Ear::subscribed(&fanout, &[]).await;
    let to = Some(mia.account);
    let notice = Body::Notice { to };
    publish(&fanout, vec![message(1, &[], notice), gone(2)]).await;
    assert_eq!(mia.connection.need().await, Need::CatchUp);
    assert!(mia.read_once().await.is_empty());
    assert_eq!(zoe.read_once().await, frame(2));
}

#[tokio::test]
async fn who_says_nothing_is_pinged_and_then_let_go() {
    let fanout = Fanout::new(0);
    let mut ear = Ear::open(&fanout, &[]).await;
    let ping = frames::ping();
    assert_eq!(ear.connection.visit(&ping), None, "it came just now");
    for _ in 0..3 {
        assert!(ear.connection.visit(&ping).is_some());
        assert_eq!(ear.read_once().await, ping);
    }
    assert_eq!(ear.connection.visit(&ping), None);
    assert_eq!(ear.connection.need().await, Need::End(End::SILENT));
}

#[tokio::test]
async fn who_answers_is_kept() {
    let fanout = Fanout::new(0);
    let mut ear = Ear::open(&fanout, &[]).await;
    let ping = frames::ping();
    for _ in 0..20 {
        ear.connection.visit(&ping);
        if ear.connection.visit(&ping).is_some() {
            assert_eq!(ear.read_once().await, ping);
        }
        ear.client.try_write(b"pong").unwrap();
        assert_eq!(ear.connection.need().await, Need::Read);
        assert_eq!(ear.connection.read(&mut [0; 64]), Ok(4));
    }
}

#[test]
fn of_what_was_missed_only_the_truth_is_told() {
    let fanout = Fanout::new(0);
    let (one, other) = (PostId::random(), PostId::random());
    let of = |post, seq, body: fn(Bytes) -> Body| Message {
        post,
        ..message(seq, &[], body(frame(seq)))
    };
    let live = |frame| Body::Post {
        author: None,
        reacted_to: false,
        frame,
    };
    let told = vec![
        of(one, 1, live),
        of(one, 2, Body::Reactions),
        of(other, 3, live),
        of(one, 4, Body::Gone),
        of(other, 5, Body::Reactions),
        of(other, 6, Body::Reactions),
        of(one, 7, live),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let fanout = Arc::new(fanout);
    runtime.block_on(fanout.publish(8, told, start()));
    let seqs = |after| {
        let (messages, head) = fanout.after(after)?;
        assert_eq!(head, 8);
        Some(
            messages
                .iter()
                .map(|message| message.seq)
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(seqs(0).unwrap(), [3, 4, 6, 7]);
    assert_eq!(seqs(5).unwrap(), [6, 7]);
    assert!(seqs(8).unwrap().is_empty());
    assert_eq!((seqs(9), seqs(-1)), (None, None), "such events never were");

    // Much that is new pushes out what is old; so does time.
    runtime.block_on(fanout.publish(9, vec![gone(9)], start()));
    let later = start().plus(Duration::from_secs(3_600));
    runtime.block_on(fanout.publish(10, vec![gone(10)], later));
    assert!(fanout.after(8).is_none() && fanout.after(9).is_some());
    let many = (11..3_000).map(gone).collect();
    runtime.block_on(fanout.publish(2_999, many, later));
    assert!(fanout.after(10).is_none());
    assert_eq!(fanout.after(2_000).unwrap().0.len(), 999);
}
