//! A reader that has enough, as `head` or `true`, ends a command quietly.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

#[test]
fn a_closed_pipe_ends_a_command_without_a_word() {
    for args in [&["reproduce", "pcl-table4"][..], &["reproduce", "--list"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The reader is gone before the first byte.
        drop(child.stdout.take());
        std::thread::sleep(Duration::from_millis(10));
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(
            ended.status.success(),
            "{args:?}: {:?}: {said}",
            ended.status
        );
        assert!(said.is_empty(), "{args:?}: {said}");
    }
}
