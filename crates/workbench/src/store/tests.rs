use super::*;

fn arrived(store: &Store, bytes: &[u8]) -> Incoming {
    let mut arriving = Incoming::begin(&store.places.incoming()).unwrap();
    arriving.push(bytes).unwrap();
    arriving.finish().unwrap()
}

fn added(store: &mut Store, name: &str, bytes: &[u8]) -> i64 {
    let incoming = arrived(store, bytes);
    store.add(name, incoming, &Settings::default()).unwrap()
}

fn state(store: &Store, id: i64) -> State {
    store.row(id).unwrap().unwrap().state
}

#[test]
fn what_is_deleted_is_gone_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let one = added(&mut store, "one secretname.jpg", b"secret bytes");
    let other = added(&mut store, "two", b"secret bytes");
    store.note(one, "secretnote").unwrap();
    let answers = store.places.fresh_answers(one).unwrap();
    fs::write(answers.join("face.png"), "x").unwrap();
    let file = store.places.file(&store.row(one).unwrap().unwrap().sha256);
    assert!(store.delete(one).unwrap() && !store.delete(one).unwrap());
    // The other case is of the same file.
    assert!(file.is_file() && !answers.exists());
    assert!(store.delete(other).unwrap());
    assert!(!file.exists());
    drop(store);
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let found = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
            assert!(!found(b"secretname") && !found(b"secretnote"), "{path:?}");
        }
    }
}

#[test]
fn what_was_interrupted_waits_again_but_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let id = added(&mut store, "x", b"x");
    drop(arrived(&store, b"never added"));
    fs::write(store.places.file("no case's"), "x").unwrap();
    for _ in 0..TRIES {
        assert_eq!(store.claim().unwrap().unwrap().row.id, id);
        assert_eq!(state(&store, id), State::Running);
        drop(store);
        store = Store::open(folder.path()).unwrap();
    }
    assert!(!store.places.file("no case's").exists());
    assert_eq!(state(&store, id), State::Failed);
    assert!(store.claim().unwrap().is_none());
    assert!(store.again(id).unwrap() && store.claim().unwrap().is_some());
}

#[test]
fn a_search_takes_its_text_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let percent = added(&mut store, "100%_a.jpg", b"1");
    let plain = added(&mut store, "plain.jpg", b"2");
    store.note(plain, "seen by ANNA").unwrap();
    let found = |text: &str| {
        let rows = store.list(text, None, 10).unwrap();
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(found("%_"), [percent]);
    assert_eq!(found("anna"), [plain]);
    assert_eq!(found(""), [plain, percent]);
    assert_eq!(found("' OR 1=1 --"), [0i64; 0]);
    let page = store.list("", Some(plain), 10).unwrap();
    assert_eq!(page.len(), 1);
}
