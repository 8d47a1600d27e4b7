//! Which file of a crate uses which other: `use` and qualified paths, followed through what a
//! module hands on.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::super::source::{Source, is_punct};

/// The files of a crate.
struct Imports {
    modules: BTreeMap<ModulePath, Module>,
}

/// `crate::a::b` as `["a", "b"]`.
type ModulePath = Vec<String>;

/// A path as it is written, from `crate`, `self`, `super` or a name in scope.
type Written = Vec<String>;

/// A file.
#[derive(Default)]
struct Module {
    file: String,
    imports: Vec<Import>,
    /// Qualified paths in the code.
    paths: Vec<Written>,
    /// Words in the code, but for `use` declarations.
    words: BTreeSet<String>,
    /// The items that the file declares.
    items: BTreeSet<String>,
    /// The modules that it declares as files; those of tests are not among them.
    children: BTreeSet<String>,
}

/// A leaf of a `use` declaration.
struct Import {
    path: Written,
    /// The name it has here; none for `*`.
    name: Option<String>,
    /// Declared `pub`, so perhaps only passed through.
    handed_on: bool,
}

/// What one file takes from the others: file -> names.
pub(super) type Taken = BTreeMap<String, BTreeSet<String>>;

/// For each file of a crate what it takes from the others.
pub(super) fn taken(files: &[Source]) -> BTreeMap<String, Taken> {
    Imports::of(files).taken()
}

impl Imports {
    fn of(files: &[Source]) -> Self {
        let has_library = files.iter().any(|file| file.path == "lib.rs");
        let mut modules: BTreeMap<ModulePath, Module> = files
            .iter()
            .filter(|file| !(has_library && file.path == "main.rs"))
            .map(|file| {
                let mut module = Module {
                    file: file.path.clone(),
                    ..Module::default()
                };
                module.read(file.tokens.clone(), 0);
                (module_path(&file.path), module)
            })
            .collect();
        let declared: BTreeSet<ModulePath> = modules
            .iter()
            .flat_map(|(path, module)| {
                let children = module.children.iter();
                children.map(|child| [path.as_slice(), std::slice::from_ref(child)].concat())
            })
            .collect();
        modules.retain(|path, _| (1..=path.len()).all(|n| declared.contains(&path[..n])));
        Self { modules }
    }

    fn taken(&self) -> BTreeMap<String, Taken> {
        let taken = self.modules.iter().map(|(path, module)| {
            let mut taken = Taken::new();
            let mut take = |written: &[String]| {
                if let Some(from) = self.resolve(path, written, 0) {
                    let file = &self.modules[&from].file;
                    if *file != module.file {
                        let name = written.last().cloned().unwrap_or_default();
                        taken.entry(file.clone()).or_default().insert(name);
                    }
                }
            };
            for import in &module.imports {
                match &import.name {
                    Some(name) if import.handed_on && !module.words.contains(name) => {}
                    Some(_) => take(&import.path),
                    None => {
                        for word in &module.words {
                            if self.has(path, &import.path, word) {
                                take(
                                    &[import.path.as_slice(), std::slice::from_ref(word)].concat(),
                                );
                            }
                        }
                    }
                }
            }
            for written in &module.paths {
                take(written);
            }
            (module.file.clone(), taken)
        });
        taken.collect()
    }

    /// Whether the module that `path` means has an item `name` or hands it on.
    fn has(&self, from: &[String], path: &[String], name: &str) -> bool {
        self.resolve(from, path, 0).is_some_and(|module| {
            let module = &self.modules[&module];
            let mut names = module.imports.iter().filter_map(|i| i.name.as_deref());
            module.items.contains(name) || names.any(|bound| bound == name)
        })
    }

    /// The module whose file declares what `written` means in the module `from`; none for what
    /// is of another crate. `hops` counts the re-exports behind.
    fn resolve(&self, from: &[String], written: &[String], hops: usize) -> Option<ModulePath> {
        const MOST_HOPS: usize = 16;
        if hops > MOST_HOPS {
            return None;
        }
        let (first, rest) = written.split_first()?;
        match first.as_str() {
            "crate" => self.descend(Vec::new(), rest, hops),
            "self" => self.descend(from.to_vec(), rest, hops),
            "super" => {
                let ups = written.iter().take_while(|word| *word == "super").count();
                let parent = from.get(..from.len().checked_sub(ups)?)?;
                self.descend(parent.to_vec(), &written[ups..], hops)
            }
            _ if self.is_module(from, first) => self.descend(from.to_vec(), written, hops),
            _ => {
                let import = self.modules.get(from)?.import(first)?;
                let path = [import.path.as_slice(), rest].concat();
                (path != written).then(|| self.resolve(from, &path, hops + 1))?
            }
        }
    }

    /// Follows `rest` down from the module `at`.
    fn descend(&self, mut at: ModulePath, rest: &[String], hops: usize) -> Option<ModulePath> {
        let mut rest = rest;
        while let Some((first, behind)) = rest.split_first()
            && self.is_module(&at, first)
        {
            at.push(first.clone());
            rest = behind;
        }
        let module = self.modules.get(&at)?;
        let handed_on = rest.split_first().and_then(|(name, behind)| {
            if module.items.contains(name) {
                return None;
            }
            if let Some(import) = module.import(name) {
                let path = [import.path.as_slice(), behind].concat();
                return self.resolve(&at, &path, hops + 1);
            }
            let mut globs = module.imports.iter().filter(|i| i.name.is_none());
            let glob = globs.find(|glob| self.has(&at, &glob.path, name))?;
            let path = [glob.path.as_slice(), rest].concat();
            self.resolve(&at, &path, hops + 1)
        });
        Some(handed_on.unwrap_or(at))
    }

    fn is_module(&self, parent: &[String], name: &str) -> bool {
        let path = [parent, &[name.to_owned()]].concat();
        self.modules.contains_key(&path)
    }
}

/// `a/b.rs` and `a/b/mod.rs` are `["a", "b"]`.
fn module_path(file: &str) -> ModulePath {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" || path == "main" {
        return Vec::new();
    }
    path.split('/').map(str::to_owned).collect()
}

impl Module {
    fn import(&self, name: &str) -> Option<&Import> {
        let mut imports = self.imports.iter();
        imports.find(|import| import.name.as_deref() == Some(name))
    }

    /// Notes what `tokens` declare and use; they stand inside `depth` modules of this file.
    fn read(&mut self, tokens: TokenStream, depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            match token {
                TokenTree::Group(group) => self.read(group.stream(), depth),
                TokenTree::Ident(word) if word == "use" && !starts(next, '<') => {
                    let end = at + until(&tokens[at..], ';');
                    let handed_on = is_public(&tokens[..at]);
                    self.declare(&tokens[at + 1..end], &[], depth, handed_on);
                    at = end;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    if let Some(TokenTree::Ident(name)) = next {
                        match tokens.get(at + 2) {
                            Some(TokenTree::Group(body)) => self.read(body.stream(), depth + 1),
                            _ => _ = self.children.insert(name.to_string()),
                        }
                        at += 2;
                    }
                }
                TokenTree::Ident(_) => at += self.word(&tokens, at, depth),
                _ => {}
            }
            at += 1;
        }
    }

    /// Notes the word or path at `at`; how many more tokens it takes.
    fn word(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> usize {
        const DECLARING: [&str; 8] = [
            "fn", "struct", "enum", "union", "trait", "type", "const", "static",
        ];
        let mut path = vec![tokens[at].to_string()];
        let mut end = at + 1;
        while let [colon, other, TokenTree::Ident(word), ..] = &tokens[end..]
            && is_punct(colon, ':')
            && is_punct(other, ':')
        {
            path.push(word.to_string());
            end += 3;
        }
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        match before {
            Some(TokenTree::Ident(word)) if DECLARING.iter().any(|d| word == d) => {
                self.items.insert(path[0].clone());
            }
            Some(dot) if is_punct(dot, '.') => {}
            _ => _ = self.words.insert(path[0].clone()),
        }
        if path.len() > 1 {
            self.paths.push(outside(path, depth));
        }
        end - at - 1
    }

    /// Notes the leaves of a tree of `use`, below `prefix`.
    fn declare(&mut self, tree: &[TokenTree], prefix: &[String], depth: usize, handed_on: bool) {
        let mut path = prefix.to_vec();
        let mut name = None;
        let mut tokens = tree.iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let branches = inner.split(|token| is_punct(token, ','));
                    // Behind the last comma there is none.
                    for branch in branches.filter(|branch| !branch.is_empty()) {
                        self.declare(branch, &path, depth, handed_on);
                    }
                    return;
                }
                TokenTree::Ident(word) if word == "as" => {
                    name = tokens.next().map(ToString::to_string);
                }
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                star if is_punct(star, '*') => {
                    return self.imports.push(Import {
                        path: outside(path, depth),
                        name: None,
                        handed_on,
                    });
                }
                _ => {}
            }
        }
        if let Some(last) = path.last() {
            self.imports.push(Import {
                name: name.or_else(|| Some(last.clone())),
                path: outside(path, depth),
                handed_on,
            });
        }
    }
}

/// The path as the file itself would write it, where it stands inside `depth` modules of the file.
fn outside(mut path: Written, depth: usize) -> Written {
    let ups = path.iter().take_while(|word| *word == "super").count();
    if ups > 0 && depth > 0 {
        path.drain(..ups.min(depth));
        if path.first().is_none_or(|first| first != "super") {
            path.insert(0, "self".to_owned());
        }
    }
    path
}

fn starts(token: Option<&TokenTree>, mark: char) -> bool {
    token.is_some_and(|token| is_punct(token, mark))
}

/// How many tokens stand before the first `mark`.
fn until(tokens: &[TokenTree], mark: char) -> usize {
    let found = tokens.iter().position(|token| is_punct(token, mark));
    found.unwrap_or(tokens.len())
}

/// Whether what follows is `pub` or `pub(..)`.
fn is_public(before: &[TokenTree]) -> bool {
    let word = match before {
        [.., word, TokenTree::Group(_)] | [.., word] => word,
        [] => return false,
    };
    matches!(word, TokenTree::Ident(word) if word == "pub")
}
