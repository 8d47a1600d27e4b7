//! The pages in a real browser: `cargo test -p workbench browser -- --ignored`, with `chromium` on the
//! path. It is driven by its DevTools protocol over a pipe: JSON, a zero byte behind each message.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::bench::Bench;

/// How long is waited for anything, on a machine that has much else to do.
const LONGEST: Duration = Duration::from_secs(180);

/// A browser with one page.
struct Browser {
    child: Child,
    ask: File,
    said: BufReader<File>,
    session: Option<String>,
    count: u64,
    /// What it complained of, and whom it asked.
    complaints: Vec<String>,
    asked: Vec<String>,
    _folder: TempDir,
}

impl Browser {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let made = Command::new("mkfifo").args([at("in"), at("out")]).status();
        assert!(made.unwrap().success());
        let script = "exec chromium --headless --no-sandbox --disable-gpu --no-first-run \
            --disable-background-networking --disable-sync --remote-debugging-pipe \
            --user-data-dir=\"$0/profile\" about:blank 3<\"$0/in\" 4>\"$0/out\"";
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).arg(folder.path());
        let child = shell
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ask = OpenOptions::new().write(true).open(at("in")).unwrap();
        let said = BufReader::new(File::open(at("out")).unwrap());
        let mut browser = Self {
            child,
            ask,
            said,
            session: None,
            count: 0,
            complaints: Vec::new(),
            asked: Vec::new(),
            _folder: folder,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", target);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for part in ["Page", "Runtime", "Log", "Network", "DOM"] {
            browser.call(&format!("{part}.enable"), json!({}));
        }
        browser
    }

    /// As [`asked`](Self::asked), of what has to succeed.
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        let said = self.asked(method, parameters);
        assert!(said["error"].is_null(), "{method}: {said}");
        said["result"].clone()
    }

    /// Calls a method and waits for what comes of it; takes notice of what happens meanwhile.
    fn asked(&mut self, method: &str, parameters: Value) -> Value {
        self.count += 1;
        let mut message = json!({ "id": self.count, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.ask
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        loop {
            let mut bytes = Vec::new();
            self.said.read_until(0, &mut bytes).unwrap();
            assert_eq!(bytes.pop(), Some(0), "the browser is gone");
            let said: Value = serde_json::from_slice(&bytes).unwrap();
            if said["id"] == self.count {
                return said;
            }
            self.notice(&said);
        }
    }

    fn notice(&mut self, said: &Value) {
        let about = &said["params"];
        match said["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => self.complaints.push(about.to_string()),
            "Runtime.consoleAPICalled" if about["type"] == "error" => {
                self.complaints.push(about.to_string());
            }
            "Log.entryAdded" if about["entry"]["level"] == "error" => {
                self.complaints.push(about.to_string());
            }
            "Network.requestWillBeSent" => {
                let url = about["request"]["url"].as_str().unwrap_or_default();
                self.asked.push(url.to_owned());
            }
            _ => {}
        }
    }

    fn show(&mut self, width: u32, scheme: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", scheme);
    }

    /// Does what leaves the page, and waits until another one is there as a whole.
    fn leave(&mut self, away: impl FnOnce(&mut Self)) {
        self.tell("window.left = true");
        away(self);
        self.until("!window.left && document.readyState === 'complete'");
    }

    fn open(&mut self, url: &str) {
        let url = json!({ "url": url });
        self.leave(|browser| _ = browser.call("Page.navigate", url));
    }

    /// Clicks on what leads to another page.
    fn follow(&mut self, element: &str) {
        self.leave(|browser| _ = browser.tell(&format!("{element}.click()")));
    }

    /// What an expression of JavaScript is.
    fn tell(&mut self, expression: &str) -> Value {
        let said = self.evaluated(expression);
        let said = said.unwrap_or_else(|why| panic!("{expression}: {why}"));
        assert!(said["exceptionDetails"].is_null(), "{expression}: {said}");
        said["result"]["value"].clone()
    }

    /// What came of an expression; an error where its page went meanwhile.
    fn evaluated(&mut self, expression: &str) -> Result<Value, Value> {
        let asked =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let said = self.asked("Runtime.evaluate", asked);
        match said["error"].is_null() {
            true => Ok(said["result"].clone()),
            false => Err(said["error"].clone()),
        }
    }

    /// Waits until something is so, on this page or on one that it is left for meanwhile.
    fn until(&mut self, expression: &str) {
        let began = Instant::now();
        let expression = format!("Boolean({expression})");
        while !matches!(&self.evaluated(&expression), Ok(said) if said["result"]["value"] == true) {
            assert!(
                began.elapsed() < LONGEST,
                "not {expression}: {}",
                self.tell("document.body.innerText")
            );
            sleep(Duration::from_millis(30));
        }
    }

    /// Chooses files at an input.
    fn choose(&mut self, input: &str, files: &[&Path]) {
        let found = json!({ "expression": format!("document.querySelector('{input}')") });
        let found = self.call("Runtime.evaluate", found);
        let chosen = json!({ "files": files, "objectId": found["result"]["objectId"] });
        self.call("DOM.setFileInputFiles", chosen);
    }

    /// Keeps a picture of the page for the eye, where `WORKBENCH_PICTURES` names a folder for them.
    fn keep(&mut self, name: &str) {
        if let Some(folder) = env::var_os("WORKBENCH_PICTURES") {
            let shot = self.call(
                "Page.captureScreenshot",
                json!({ "captureBeyondViewport": true }),
            );
            let bytes = STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
            fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
        }
    }

    /// Nothing stands out of the page, and every picture is there.
    fn is_whole(&mut self, what: &str) {
        let wide = self.tell("document.documentElement.scrollWidth > innerWidth");
        assert_eq!(wide, json!(false), "{what} is wider than its window");
        let broken =
            "[...document.images].filter((one) => one.complete && !one.naturalWidth).length";
        assert_eq!(self.tell(broken), json!(0), "{what}");
        let nameless = "[...document.querySelectorAll('button, input, textarea, a')].filter((one) =>
            !one.closest('template') && !(one.textContent.trim() || one.ariaLabel || one.labels?.length)).length";
        assert_eq!(
            self.tell(nameless),
            json!(0),
            "{what} has controls without a name"
        );
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

const NEWEST: &str = "document.querySelector('#cases .case')";

/// Sends a file on the page of all cases and opens its case.
fn send(browser: &mut Browser, url: &str, path: &Path) {
    browser.open(url);
    browser.choose("#files", &[path]);
    let name = path.file_name().unwrap().to_str().unwrap();
    browser.until(&format!(
        "{NEWEST}?.querySelector('a').textContent === '{name}'"
    ));
}

/// Opens the newest case.
fn follow(browser: &mut Browser) {
    browser.follow(&format!("{NEWEST}.querySelector('a')"));
    assert_eq!(
        browser.tell("document.querySelectorAll('main.one').length"),
        json!(1)
    );
}

#[test]
#[ignore = "needs Chromium"]
fn pages_do_what_they_are_for_in_every_light_and_width() {
    let data = tempfile::tempdir().unwrap();
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = files.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let bench = Bench::new(data.path());
    for (width, scheme) in [
        (1280, "light"),
        (1280, "dark"),
        (390, "light"),
        (390, "dark"),
    ] {
        let mut browser = Browser::new();
        browser.show(width, scheme);
        let mark = format!("{width}-{scheme}");

        // A picture: its boxes, and its heat map blended in and out.
        let picture = file(&format!("{mark}.jpg"), mark.as_bytes());
        send(&mut browser, &bench.url, &picture);
        browser.until(&format!("{NEWEST}?.textContent.includes('likely forged')"));
        browser.is_whole("the page of all cases");
        browser.keep(&format!("{mark}-cases"));
        follow(&mut browser);
        browser.until("document.querySelectorAll('.box').length === 2");
        browser.tell("(() => { const range = document.querySelector('.blend input'); range.value = 0; range.dispatchEvent(new Event('input', { bubbles: true })); })()");
        assert_eq!(
            browser.tell("document.querySelector('.finding').style.opacity"),
            json!("0")
        );
        browser.is_whole("the page of a picture");
        browser.keep(&format!("{mark}-picture"));
        browser.tell("(() => { const notes = document.querySelector('#notes'); notes.value = 'from <b>Anna</b>'; notes.dispatchEvent(new Event('input')); })()");
        browser.until("document.querySelector('#noted').textContent === 'Kept.'");
        let dark = "getComputedStyle(document.body).backgroundColor";
        let dark = browser.tell(dark).as_str().unwrap() != "rgb(255, 255, 255)";
        assert_eq!(dark, scheme == "dark");

        // Its report, printed.
        browser.follow("document.querySelector('.button.main')");
        assert_eq!(browser.tell("document.body.className"), json!("report"));
        browser.is_whole("the report");
        browser.keep(&format!("{mark}-report"));
        assert!(
            browser
                .tell("document.body.innerText")
                .as_str()
                .unwrap()
                .contains("from <b>Anna</b>")
        );
        let printed = browser.call("Page.printToPDF", json!({ "preferCSSPageSize": true }));
        assert!(
            printed["data"].as_str().unwrap().starts_with("JVBERi0"),
            "no PDF"
        );

        // A film: its time line moves.
        let film = file(&format!("{mark}.mp4"), format!("film {mark}").as_bytes());
        send(&mut browser, &bench.url, &film);
        browser.until(&format!("{NEWEST}?.textContent.includes('uncertain')"));
        follow(&mut browser);
        // No browser can play it; until that has shown, the player may still move back.
        browser.until("document.querySelector('.unplayable').hidden === false");
        browser.tell("(() => { const plot = document.querySelector('.plot svg'); const place = plot.getBoundingClientRect();
            plot.dispatchEvent(new PointerEvent('pointerdown', { pointerId: 1, clientX: place.left + place.width / 2, clientY: place.top + 9, bubbles: true })); })()");
        let at = browser.tell("Number(document.querySelector('.seek input').value)");
        assert!((at.as_f64().unwrap() - 4.0).abs() < 0.1, "{at}");
        assert_eq!(
            browser.tell("document.querySelector('.playhead').getAttribute('d')"),
            json!("M500.0 0v100")
        );
        browser.tell("document.querySelector('button.go').click()");
        let at = browser.tell("Number(document.querySelector('.seek input').value)");
        assert!((at.as_f64().unwrap() - 0.7).abs() < 0.1, "{at}");
        browser.is_whole("the page of a film");
        browser.keep(&format!("{mark}-film"));

        // A long one: watched, left and come back to, cancelled.
        let slow = file(&format!("{mark}-slow.mp4"), b"slow");
        send(&mut browser, &bench.url, &slow);
        browser.until(&format!(
            "{NEWEST}?.textContent.includes(' of 100000 frames')"
        ));
        follow(&mut browser);
        browser.leave(|browser| _ = browser.call("Page.reload", json!({})));
        browser.until("document.querySelector('#told')?.textContent.includes(' of 100000 frames')");
        browser.is_whole("the page of a case that is looked at");
        browser.keep(&format!("{mark}-running"));
        browser.tell("document.querySelector('#cancel').click()");
        browser.until("document.querySelector('.verdict-words')?.textContent === 'cancelled'");

        // One that breaks its worker, dropped.
        browser.open(&bench.url);
        browser.tell("(() => { const data = new DataTransfer(); data.items.add(new File(['die'], 'dropped <b>.jpg'));
            dispatchEvent(new DragEvent('drop', { dataTransfer: data })); })()");
        browser.until(&format!(
            "{NEWEST}?.querySelector('a').textContent === 'dropped <b>.jpg'"
        ));
        browser.until(&format!("{NEWEST}?.textContent.includes('cannot judge')"));

        // Pasted, and a folder with what is below it.
        browser.tell("(() => { const data = new DataTransfer(); data.items.add(new File(['a copied picture'], 'image.png'));
            dispatchEvent(new ClipboardEvent('paste', { clipboardData: data })); })()");
        browser.until(&format!(
            "{NEWEST}?.querySelector('a').textContent === 'image.png'"
        ));
        let below = files.path().join(format!("{mark}-folder/below"));
        fs::create_dir_all(&below).unwrap();
        fs::write(below.join("deep.jpg"), &mark).unwrap();
        browser.choose("#folder", &[below.parent().unwrap()]);
        browser.until(&format!(
            "{NEWEST}?.querySelector('a').textContent === '{mark}-folder/below/deep.jpg'"
        ));

        // Search and delete.
        browser.tell("(() => { const search = document.querySelector('#search'); search.value = 'Anna'; search.dispatchEvent(new Event('input')); })()");
        browser.until("document.querySelectorAll('#cases .case').length === 1");
        browser.tell("window.confirm = () => true");
        browser.tell(&format!("{NEWEST}.querySelector('.delete').click()"));
        browser.until("document.querySelectorAll('#cases .case').length === 0");

        assert_eq!(browser.complaints, [""; 0], "{mark}");
        let home = format!("http://{}/", bench.address);
        let elsewhere = browser.asked.iter().filter(|url| {
            !url.starts_with(&home) && !url.starts_with("data:") && !url.starts_with("about:")
        });
        assert_eq!(elsewhere.collect::<Vec<_>>(), [""; 0], "{mark}");
    }
}
