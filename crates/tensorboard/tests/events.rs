//! Files of this crate beside one that the package `tensorboard` wrote, both read by a reader of its own
//! of TFRecord and of protobuf's wire format.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, SystemTime};

use tensorboard::{Events, Hparam, PrCurve};

/// CRC-32C (RFC 3720, appendix B.4), bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0x82f6_3b78
            } else {
                crc >> 1
            };
        }
    }
    !crc
}

fn masked(bytes: &[u8]) -> u32 {
    let crc = crc32c(bytes);
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// The records of a file, with their checksums checked.
fn records(mut file: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    let number = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().unwrap());
    while !file.is_empty() {
        let length = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
        assert_eq!(number(&file[8..12]), masked(&file[..8]));
        let bytes = &file[12..12 + length];
        assert_eq!(number(&file[12 + length..16 + length]), masked(bytes));
        records.push(bytes.to_vec());
        file = &file[16 + length..];
    }
    records
}

/// A field's value on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Wire {
    Number(u64),
    Bytes(Vec<u8>),
}

/// The fields of a message by number; those of one number in their order.
fn fields(mut bytes: &[u8]) -> BTreeMap<u64, Vec<Wire>> {
    let mut fields: BTreeMap<u64, Vec<Wire>> = BTreeMap::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let mut take = |count: usize| {
            let (head, rest) = bytes.split_at(count);
            bytes = rest;
            head.to_vec()
        };
        let value = match key & 7 {
            1 => Wire::Bytes(take(8)),
            5 => Wire::Bytes(take(4)),
            2 => {
                let length = varint(&mut bytes);
                let (head, rest) = bytes.split_at(length as usize);
                bytes = rest;
                Wire::Bytes(head.to_vec())
            }
            0 => Wire::Number(varint(&mut bytes)),
            kind => panic!("wire type {kind}"),
        };
        fields.entry(key >> 3).or_default().push(value);
    }
    fields
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return number;
        }
    }
}

/// What an event says but for its time, which is its first field, a double.
fn untimed(record: &[u8]) -> &[u8] {
    assert_eq!(record[0], 1 << 3 | 1);
    &record[9..]
}

/// The one message at a path of field numbers.
fn inside(bytes: &[u8], path: &[u64]) -> Vec<u8> {
    path.iter().fold(bytes.to_vec(), |bytes, field| {
        match &fields(&bytes)[field][..] {
            [Wire::Bytes(bytes)] => bytes.clone(),
            other => panic!("{field}: {other:?}"),
        }
    })
}

fn hparams() -> [(String, Hparam); 3] {
    [
        ("rate", Hparam::Number(0.001)),
        ("model", Hparam::Text("pcl".to_owned())),
        ("flip", Hparam::Bool(true)),
    ]
    .map(|(key, value)| (key.to_owned(), value))
}

/// The calls of `golden/generate.py`.
fn written() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let mut events = Events::create(folder.path(), SystemTime::now()).unwrap();
    events.start(20).unwrap();
    events.scalar("training/loss", 30, 0.693).unwrap();
    events.text("recipe", 0, "rate **0.001**").unwrap();
    let picture = b"\x89PNG and so on".to_vec();
    events
        .picture("face", 30, (3, 2), picture, "score 0.9")
        .unwrap();
    let curve = PrCurve::new(&[false, true, true, false], &[0.2, 0.4, 0.9, 0.6], 3);
    events.pr_curve("test", 40, &curve).unwrap();
    events
        .roc_curve("roc", [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
        .unwrap();
    events.hparams(hparams()).unwrap();
    fs::read(events.path()).unwrap()
}

#[test]
fn events_are_those_that_tensorboard_itself_writes() {
    let golden = records(include_bytes!("golden/events.out.tfevents"));
    let ours = records(&written());
    assert_eq!(golden.len(), 10);
    assert_eq!(ours.len(), golden.len());
    let last = golden.len() - 1;
    for (number, (ours, golden)) in ours.iter().zip(&golden).enumerate().take(last) {
        assert_eq!(untimed(ours), untimed(golden), "event {number}");
    }
    // Hyper-parameters hold a time of their own, and lie in any order.
    let start = |record: &[u8]| {
        let mut start = fields(&inside(record, &[5, 1, 9, 1, 2, 3]));
        assert_eq!(start.remove(&5).unwrap().len(), 1);
        start.values_mut().for_each(|entries| entries.sort());
        start
    };
    assert_eq!(start(&ours[last]), start(&golden[last]));
    let beside = |record: &[u8]| {
        let mut value = fields(&inside(record, &[5, 1]));
        value.remove(&9);
        value
    };
    assert_eq!(beside(&ours[last]), beside(&golden[last]));
    assert_eq!(inside(&ours[last], &[5, 1, 9, 1, 1]), b"hparams");
}

#[test]
fn a_roc_curve_has_one_point_a_thousandth_the_highest() {
    let folder = tempfile::tempdir().unwrap();
    let mut events = Events::create(folder.path(), SystemTime::now()).unwrap();
    let points = [
        (0.0, 0.0),
        (0.0, 0.25),
        (0.0004, 0.5),
        (0.3, 0.75),
        (1.0, 1.0),
    ];
    events.roc_curve("roc", points).unwrap();
    let file = fs::read(events.path()).unwrap();
    let points = records(&file).into_iter().skip(1).map(|record| {
        let step = match fields(&record).get(&2).map(Vec::as_slice) {
            None => 0,
            Some([Wire::Number(step)]) => *step,
            other => panic!("{other:?}"),
        };
        let value = inside(&record, &[5, 1, 2]);
        (step, f32::from_le_bytes(value.try_into().unwrap()))
    });
    let points: Vec<_> = points.collect();
    assert_eq!(points, [(0, 0.5), (300, 0.75), (1000, 1.0)]);
}

#[test]
fn the_checksum_is_that_of_the_standard() {
    // RFC 3720, appendix B.4.
    assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
}

#[test]
fn two_files_of_one_second_have_two_names_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let below = folder.path().join("run");
    let made = [(); 2].map(|()| Events::create(&below, now).unwrap().path().to_owned());
    assert!(made[0] < made[1]);
    let name = made[0].file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("events.out.tfevents.1700000000."),
        "{name}"
    );
}

#[test]
fn a_curve_counts_scores_at_thresholds_and_beyond() {
    let number = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
    let rows = |curve: &PrCurve| -> Vec<f32> {
        let folder = tempfile::tempdir().unwrap();
        let mut events = Events::create(folder.path(), SystemTime::now()).unwrap();
        events.pr_curve("c", 1, curve).unwrap();
        let file = fs::read(events.path()).unwrap();
        let floats = inside(&records(&file)[1], &[5, 1, 8, 5]);
        floats.chunks(4).map(number).collect()
    };
    // A score of exactly one half is called positive at one half.
    let curve = PrCurve::new(&[true, false, true], &[0.5, 0.49, 7.0], 3);
    let third = 2.0 / 3.0;
    let expected = [
        [2.0, 2.0, 1.0],
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 1.0],
        [0.0, 0.0, 1.0],
        [third, 1.0, 1.0],
        [1.0, 1.0, 0.5],
    ];
    assert_eq!(rows(&curve), expected.concat());
    // One class alone has no precision and no recall to divide by.
    assert!(
        rows(&PrCurve::new(&[false], &[0.3], 2))
            .iter()
            .all(|n| n.is_finite())
    );
}
