//! The pages in a real browser: `cargo test -p xtask --test end_to_end browser -- --ignored`,
//! with `chromium` on the path.

use std::{fs, path::Path, process::Command};

use test_support::succeed;

use super::{ground, text, xtask};

/// What a page says of itself once it has loaded: how many pictures it has, which cannot be shown,
/// and whether it is wider than the window.
const ASK: &str = r#"<script>
addEventListener("load", () => {
  const images = [...document.images];
  const broken = images.filter((image) => image.naturalWidth === 0).map((image) => image.src.slice(0, 80));
  const page = document.documentElement;
  const wide = page.scrollWidth > innerWidth ? "wide" : "fits";
  document.body.dataset.found = `${images.length} pictures, ${broken.length} broken ${broken.join(" ")}, ${wide}`;
});
</script>"#;

/// What a page says of itself, and what it writes to the console.
fn looked_at(page: &Path, theme: &str) -> (String, Vec<String>) {
    // Beside the page, where its pictures are.
    let asked = page.with_file_name("asked.html");
    let html = fs::read_to_string(page).unwrap();
    // Pictures below the window are not to wait for a reader.
    let html = html.replace("loading=\"lazy\"", "");
    fs::write(&asked, html + ASK).unwrap();
    let profile = tempfile::tempdir().unwrap();
    let mut chromium = Command::new("chromium");
    chromium.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
    ]);
    chromium.args(["--disable-background-networking", "--disable-sync"]);
    chromium.args(["--window-size=1200,900", "--virtual-time-budget=20000"]);
    chromium.args(["--enable-logging=stderr", "--dump-dom"]);
    if theme == "dark" {
        chromium.arg("--force-dark-mode");
    }
    chromium.arg(format!("--user-data-dir={}", profile.path().display()));
    let done = chromium.arg(&asked).output().expect("chromium runs");
    fs::remove_file(&asked).unwrap();
    let dom = text(&done.stdout);
    let found = dom.split_once("data-found=\"").map(|(_, rest)| rest);
    let found = found.and_then(|rest| rest.split_once('"'));
    let said = text(&done.stderr);
    let console = said.lines().filter(|line| line.contains("CONSOLE"));
    (
        found.expect("the page loads").0.to_owned(),
        console.map(str::to_owned).collect(),
    )
}

#[test]
#[ignore = "needs Chromium"]
fn pages_load_whole_and_without_an_error() {
    let ground = ground();
    let at = |name: &str| ground.root.path().join(name);
    let (run, faces) = (ground.run(), ground.faces());
    let picture = fs::read_dir(at("faces/images")).unwrap().next().unwrap();
    let picture = picture.unwrap().path();
    let asked = |command: &[&str], out: &str| {
        let mut asked = xtask();
        asked.args(command).arg("--run").arg(&run);
        succeed(asked.arg("--out").arg(at(out)));
        at(out).join("index.html")
    };
    let (picture, faces) = (picture.display().to_string(), faces.display().to_string());
    let pages = [
        run.join("report.html"),
        asked(&["detect", "--whole", &picture], "seen"),
        asked(&["explain", "--whole", &picture], "explained-page"),
        asked(&["audit", "identity", "--frames", "4"], "audited"),
        asked(&["eval", "--data", &faces, "--data", &faces], "compared"),
    ];
    for page in &pages {
        for theme in ["light", "dark"] {
            let (found, console) = looked_at(page, theme);
            let page = page.display();
            assert!(found.contains(" 0 broken , fits"), "{page}: {found}");
            assert!(console.is_empty(), "{page}: {console:?}");
        }
    }
    let (found, _) = looked_at(&pages[0], "light");
    assert!(!found.starts_with("0 pictures"), "{found}");
}

#[test]
#[ignore = "needs Chromium"]
fn a_page_with_a_fault_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let html = r#"<body><img src="absent.png"><script>absent()</script><p style="width: 3000px">x</p></body>"#;
    fs::write(&page, html).unwrap();
    let (found, console) = looked_at(&page, "light");
    assert!(found.starts_with("1 pictures, 1 broken"), "{found}");
    assert!(found.ends_with("wide"), "{found}");
    assert!(
        console.iter().any(|line| line.contains("absent")),
        "{console:?}"
    );
}
