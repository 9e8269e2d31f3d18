//! Whether what a command says may be coloured.

use std::io::IsTerminal;

/// Whether a stream is a terminal that takes colours. `NO_COLOR` refuses them, see no-color.org.
pub fn is_coloured(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !refused && !dumb
}
