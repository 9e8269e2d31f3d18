//! The keys, and everything that is derived from them.
//!
//! A stolen database must not be a list of children. So nothing in it names the author of a
//! post or of a reaction; there are only tags, which are MACs under a key that lies outside
//! the database, and a sealed author for the day the law asks. This module is the only one
//! that makes either. (A reaction's tag is a block of a cipher, under a key that is such a MAC.)
//!
//! | tag | over | finds |
//! |---|---|---|
//! | [`Keys::post_tag`] | account, n | the account's n-th post |
//! | [`Keys::reaction_tag`] | account, post, kind | whether this account gave this reaction |
//! | [`Keys::report_tag`] | account, post | whether this account reported this post |
//! | [`Keys::idempotency_tag`] | account, key | the answer to a request that is repeated |
//! | [`Keys::caller_tag`] | the secret of the day, account or network | how much of a quota is used |
//! | [`Keys::browser_tag`] | a name of staff, a day, a number | whether a browser has signed in as them |
//! | [`Keys::receipt`] | account, kind, post, revision | what became of a report or an appeal |

use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use aes::Aes128;
use aes::cipher::BlockCipherEncrypt;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids::{AccountId, CaseId, Id, PostId};

/// Sixteen bytes of a MAC: unique in practice, and meaningless without the key.
pub type Tag = [u8; 16];

/// `N` bytes from the operating system's random source.
///
/// # Panics
/// Where the operating system has no randomness to give: nothing here is safe without it.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where chance comes from"
)]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A new bearer secret: 256 random bits, as text that a header or a URL can hold.
pub fn random_secret() -> String {
    BASE64URL_NOPAD.encode(&random_bytes::<32>())
}

/// What the hash of a bearer secret is in the database. The secrets hashed with it are long
/// and random, so that a slow password hash would add nothing.
pub fn hash_secret(secret: &str) -> Vec<u8> {
    secret_digest(secret).to_vec()
}

/// What stands for a bearer secret in memory.
pub fn secret_digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or made.
    #[error("the key file {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Others than its owner may read the file.
    #[error("the key file {path} can be read by others (mode {mode:o}); make it 600")]
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The file does not hold a key.
    #[error("the key file {path} does not hold 64 hexadecimal digits")]
    Malformed {
        /// The file.
        path: String,
    },
}

/// The root key and what is derived from it. Nothing here is ever printed.
pub struct Keys {
    root: Zeroizing<[u8; 32]>,
    /// With the key in it: taking it in costs as much as a short message.
    tags: Hmac<Sha256>,
    seal: XChaCha20Poly1305,
}

impl Keys {
    /// Reads the key file at `path`, and makes one that only its owner can read where there
    /// is none.
    pub fn load_or_create(path: &Path) -> Result<Keys, KeyFileError> {
        let name = || path.display().to_string();
        let io = |source| KeyFileError::Io {
            path: name(),
            source,
        };
        if !path.exists() {
            create(path).map_err(io)?;
        }
        let mut file = std::fs::File::open(path).map_err(io)?;
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed { path: name(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(io)?;
        let root = HEXLOWER
            .decode(text.trim().as_bytes())
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .ok_or_else(|| KeyFileError::Malformed { path: name() })?;
        Ok(Keys::from_root(root))
    }

    /// The keys that descend from `root`.
    pub fn from_root(root: [u8; 32]) -> Keys {
        let root = Zeroizing::new(root);
        let seal = derive(&root, "author seal");
        let tags = derive(&root, "tags");
        Keys {
            tags: <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&*tags)
                .expect("HMAC takes a key of any length"),
            seal: XChaCha20Poly1305::new((&*seal).into()),
            root,
        }
    }

    /// The tag of nothing: it tells whether two processes have the same key, and nothing else.
    pub fn check_tag(&self) -> Tag {
        self.tag("check", &[])
    }

    /// The tag of the account's `n`-th post, counted from 0.
    pub fn post_tag(&self, account: AccountId, n: u32) -> Tag {
        self.tag("post", &[account.as_bytes(), &n.to_be_bytes()])
    }

    /// The tag of the reaction `kind` that this account gave, or may give, to a post.
    pub fn reaction_tag(&self, account: AccountId, post: PostId, kind: &str) -> Tag {
        self.reaction_tags(account, kind).of(post)
    }

    /// What makes the tags of the reactions `kind` of this account, to many posts.
    pub fn reaction_tags(&self, account: AccountId, kind: &str) -> ReactionTags {
        let key = self.tag("reaction", &[account.as_bytes(), kind.as_bytes()]);
        ReactionTags(Aes128::new(&key.into()))
    }

    /// The tag of this account's report of a post.
    pub fn report_tag(&self, account: AccountId, post: PostId) -> Tag {
        self.tag("report", &[account.as_bytes(), post.as_bytes()])
    }

    /// The tag of a request that this account may repeat, by its idempotency key.
    pub fn idempotency_tag(&self, account: AccountId, key: &str) -> Tag {
        self.tag("idempotency", &[account.as_bytes(), key.as_bytes()])
    }

    /// The receipt for what an account said of a revision of a post: the same each time it is
    /// asked for, so that a lost answer can be had again.
    pub fn receipt(
        &self,
        account: AccountId,
        kind: &str,
        (post, revision): (PostId, i64),
    ) -> String {
        let parts: [&[u8]; 4] = [
            account.as_bytes(),
            kind.as_bytes(),
            post.as_bytes(),
            &revision.to_be_bytes(),
        ];
        BASE32_NOPAD
            .encode(&self.tag("receipt", &parts))
            .to_lowercase()
    }

    /// What a repeated request is compared by: keyed, because a plain hash of a short text
    /// can be guessed; and with the idempotency key in it, because the same words under another
    /// key would have the same fingerprint, and tell that both are of one person.
    pub fn fingerprint(&self, account: AccountId, key: &str, body: &[u8]) -> Tag {
        self.tag("fingerprint", &[account.as_bytes(), key.as_bytes(), body])
    }

    /// The tag of whoever sends requests, for one quota and one day: with `secret` forgotten,
    /// nobody can make it again.
    pub fn caller_tag(&self, secret: &[u8], quota: &str, caller: &[u8]) -> Tag {
        self.tag("caller", &[secret, quota.as_bytes(), caller])
    }

    /// Whether the decision about a revision of a post, in a case, is among this share of all:
    /// nobody without the key can foresee it, and who has it can check it afterwards.
    pub fn is_drawn(&self, case: CaseId, revision: i64, share: f64) -> bool {
        let tag = self.tag("draw", &[case.as_bytes(), &revision.to_be_bytes()]);
        let [a, b, c, d, ..] = tag;
        f64::from(u32::from_be_bytes([a, b, c, d])) / 4_294_967_296.0 < share
    }

    /// What a form of the session with this access token must bring along.
    pub fn form_token(&self, access_token: &str) -> String {
        HEXLOWER.encode(&self.tag("form", &[access_token.as_bytes()]))
    }

    /// What proves that a browser has signed in as the member of staff of this name: it was given
    /// `nonce` on that day.
    pub fn browser_tag(&self, name: &str, day: i64, nonce: &[u8]) -> Tag {
        self.tag("browser", &[name.as_bytes(), &day.to_be_bytes(), nonce])
    }

    /// Seals the author into a post: only who holds the key, and has a lawful reason, opens it.
    pub fn seal_author(&self, author: AccountId, post: PostId) -> Vec<u8> {
        self.seal(author.as_bytes(), post.as_bytes())
    }

    /// Opens what [`Keys::seal_author`] sealed for this very post.
    pub fn open_author(&self, sealed: &[u8], post: PostId) -> Option<AccountId> {
        let bytes: [u8; 16] = self.open(sealed, post.as_bytes())?.try_into().ok()?;
        Some(Id::from(uuid::Uuid::from_bytes(bytes)))
    }

    /// Encrypts `secret`, bound to `context`, for storage.
    pub fn seal(&self, secret: &[u8], context: &[u8]) -> Vec<u8> {
        let nonce: [u8; 24] = random_bytes();
        let mut sealed = nonce.to_vec();
        let payload = Payload {
            msg: secret,
            aad: context,
        };
        sealed.extend(
            self.seal
                .encrypt(&XNonce::from(nonce), payload)
                .expect("a short message can be sealed"),
        );
        sealed
    }

    /// Decrypts what [`Keys::seal`] encrypted; `None` where the key, the context or a byte
    /// is not the same.
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<24>()?;
        let payload = Payload {
            msg: ciphertext,
            aad: context,
        };
        self.seal.decrypt(&XNonce::from(*nonce), payload).ok()
    }

    /// The key that signs access tokens in an epoch: every process with the same root has the
    /// same, so that rotation needs no agreement.
    pub fn signing_key(&self, epoch: i64) -> ed25519_dalek::SigningKey {
        let seed = derive(&self.root, &format!("access tokens, epoch {epoch}"));
        ed25519_dalek::SigningKey::from_bytes(&seed)
    }

    /// The key that signs what is exported of the record of staff acts: whoever has the public
    /// one can tell an export of this installation from any other.
    pub fn audit_signing_key(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&derive(&self.root, "audit exports"))
    }

    fn tag(&self, purpose: &str, parts: &[&[u8]]) -> Tag {
        let mut mac = self.tags.clone();
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            // Lengths first, so that no two lists of parts read alike.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        *mac.finalize()
            .into_bytes()
            .first_chunk()
            .expect("a MAC of 32 bytes has 16")
    }
}

/// Makes the tags of one account's reactions of one kind. Each page of the feed needs one for
/// each post on it, which is why this is a block cipher: with a key that is itself a MAC, it is
/// as good as another, and a tenth of the work.
pub struct ReactionTags(Aes128);

impl ReactionTags {
    /// The tag of the reaction to a post.
    pub fn of(&self, post: PostId) -> Tag {
        let mut block = (*post.as_bytes()).into();
        self.0.encrypt_block(&mut block);
        block.into()
    }

    /// The tag of the reaction to each post.
    pub fn of_each(&self, posts: impl IntoIterator<Item = PostId>) -> Vec<Tag> {
        let posts = posts.into_iter().map(|post| (*post.as_bytes()).into());
        let mut blocks: Vec<_> = posts.collect();
        self.0.encrypt_blocks(&mut blocks);
        blocks.into_iter().map(Tag::from).collect()
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// Makes a key file, whole or not at all; one that another process made first stays.
fn create(path: &Path) -> std::io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}", HEXLOWER.encode(&random_bytes::<8>())));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    let root = Zeroizing::new(random_bytes::<32>());
    let text = Zeroizing::new(HEXLOWER.encode(root.as_slice()));
    let written = file
        .write_all(text.as_bytes())
        // Without its key the database cannot be read: the key must not be lost first.
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::hard_link(&unfinished, path));
    std::fs::remove_file(&unfinished)?;
    match written {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn derive(root: &[u8; 32], purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, root)
        .expand(format!("hearth 1: {purpose}").as_bytes(), &mut *key)
        .expect("HKDF gives 32 bytes");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_nothing_without_the_key_and_the_same_with_it() {
        let (ours, theirs) = (Keys::from_root([1; 32]), Keys::from_root([2; 32]));
        let (account, post) = (Id::random(), Id::random());
        assert_eq!(ours.post_tag(account, 0), ours.post_tag(account, 0));
        assert_ne!(ours.post_tag(account, 0), theirs.post_tag(account, 0));
        assert_ne!(ours.post_tag(account, 0), ours.post_tag(account, 1));
        let tag = ours.reaction_tag(account, post, "hug");
        assert_eq!(tag, ours.reaction_tag(account, post, "hug"));
        for other in [
            ours.reaction_tag(account, Id::random(), "hug"),
            ours.reaction_tag(account, post, "heart"),
            ours.reaction_tag(Id::random(), post, "hug"),
            theirs.reaction_tag(account, post, "hug"),
            *post.as_bytes(),
        ] {
            assert_ne!(tag, other);
        }
        let (posts, tags) = ([post, Id::random()], ours.reaction_tags(account, "hug"));
        assert_eq!(tags.of_each(posts), posts.map(|post| tags.of(post)));
        assert_eq!(tags.of(post), tag);
    }

    #[test]
    fn a_draw_is_as_large_as_its_share_and_always_the_same() {
        let (ours, theirs) = (Keys::from_root([1; 32]), Keys::from_root([2; 32]));
        let cases: Vec<CaseId> = (0..4_000).map(|_| Id::random()).collect();
        let drawn = |keys: &Keys, share: f64| -> Vec<bool> {
            let cases = cases.iter();
            cases.map(|case| keys.is_drawn(*case, 1, share)).collect()
        };
        let count = |drawn: &[bool]| drawn.iter().filter(|drawn| **drawn).count();
        assert_eq!(count(&drawn(&ours, 0.0)), 0);
        assert_eq!(count(&drawn(&ours, 1.0)), 4_000);
        let tenth = drawn(&ours, 0.1);
        assert!((300..500).contains(&count(&tenth)), "{}", count(&tenth));
        assert_eq!(tenth, drawn(&ours, 0.1));
        assert_ne!(tenth, drawn(&theirs, 0.1));
    }

    #[test]
    fn a_sealed_author_opens_for_its_own_post_and_key_alone() {
        let (ours, theirs) = (Keys::from_root([1; 32]), Keys::from_root([2; 32]));
        let (account, post) = (Id::random(), Id::random());
        let mut sealed = ours.seal_author(account, post);
        assert_eq!(ours.open_author(&sealed, post), Some(account));
        assert_eq!(ours.open_author(&sealed, Id::random()), None);
        assert_eq!(theirs.open_author(&sealed, post), None);
        assert_ne!(
            sealed,
            ours.seal_author(account, post),
            "two seals of one author differ"
        );
        sealed[30] ^= 1;
        assert_eq!(ours.open_author(&sealed, post), None);
        assert_eq!(ours.open_author(&[], post), None);
    }

    #[test]
    fn the_key_file_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hearth.key");
        let first = Keys::load_or_create(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let account = Id::random();
        let again = Keys::load_or_create(&path).unwrap();
        assert_eq!(first.post_tag(account, 0), again.post_tag(account, 0));

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            Keys::load_or_create(&path),
            Err(KeyFileError::Exposed { .. })
        ));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "not a key").unwrap();
        assert!(matches!(
            Keys::load_or_create(&path),
            Err(KeyFileError::Malformed { .. })
        ));
    }
}
