//! A run's log, opened again after a stop.

use std::fs;

use experiment::{Log, LogLine, RunDir, read_log};

#[test]
fn a_resumed_log_drops_later_lines_and_a_line_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDir::create(folder.path()).unwrap();
    let path = run.log();
    let line = |step| LogLine::Validation {
        step,
        auc: 0.75,
        loss: Some(0.5),
        threshold: 0.5,
        best: true,
    };
    let mut log = Log::open(&run, 0).unwrap();
    for step in [10, 20, 30] {
        log.write(&line(step)).unwrap();
    }
    fs::write(
        &path,
        fs::read_to_string(&path).unwrap() + "{\"kind\":\"trai",
    )
    .unwrap();
    let mut log = Log::open(&run, 20).unwrap();
    log.write(&line(25)).unwrap();
    assert_eq!(read_log(&path).unwrap(), [line(10), line(20), line(25)]);
    let entries = fs::read_dir(folder.path()).unwrap().flatten();
    let mut events: Vec<_> = entries
        .filter(|entry| entry.file_name().to_string_lossy().contains("tfevents"))
        .map(|entry| entry.path())
        .collect();
    events.sort();
    let counts = events.iter().map(|path| {
        let bytes = fs::read(path).unwrap();
        let name = b"validation/auc";
        bytes
            .windows(name.len())
            .filter(|part| part == name)
            .count()
    });
    // One file for each opening, with a number for each line that was written then.
    assert_eq!(counts.collect::<Vec<_>>(), [3, 1]);
}
