//! A proxy in front of a test server, which can lose a connection at a chosen message.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The moment at which a connection is lost, relative to a query message of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The message does not reach the server.
    Before,
    /// The message reaches the server, and its answer does not reach the client.
    After,
}

/// A function that runs at a message.
type Action = Box<dyn FnMut() + Send>;

/// A condition on a query message: the number of those before it, and its text.
type Condition = Box<dyn Fn(usize, &str) -> bool + Send>;

/// A proxy on a port of the loopback interface.
#[derive(Clone)]
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The texts of the query messages so far.
    queries: Vec<String>,
    fault: Option<Fault>,
    /// The sockets of the clients.
    clients: Vec<TcpStream>,
    /// Connections to the server whose client is gone and which stay open.
    orphans: Vec<UnixStream>,
}

struct Fault {
    when: Condition,
    moment: Moment,
    /// Runs in place of the loss of the connection.
    action: Option<Action>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("port", &self.port).finish_non_exhaustive()
    }
}

#[expect(clippy::panic, reason = "this is how a test fails")]
impl Proxy {
    /// Starts a proxy for the server whose socket is at `socket`.
    pub fn start(socket: &Path) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .unwrap_or_else(|error| panic!("can't listen: {error}"));
        let port = listener.local_addr().map(|address| address.port()).unwrap_or_default();
        let proxy = Self { port, state: Arc::default() };
        let (serving, socket) = (proxy.clone(), socket.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                serving.serve(client, &socket);
            }
        });
        proxy
    }

    /// Returns the URL of a database behind the proxy.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// Loses the connection at the first query message for which `when` holds. Its arguments are
    /// the number of query messages before, over all connections, and the text of the message.
    pub fn lose(&self, moment: Moment, when: impl Fn(usize, &str) -> bool + Send + 'static) {
        self.state().fault = Some(Fault { when: Box::new(when), moment, action: None });
    }

    /// Runs `action` at the first query message for which `when` holds.
    pub fn act(
        &self,
        moment: Moment,
        when: impl Fn(usize, &str) -> bool + Send + 'static,
        action: impl FnMut() + Send + 'static,
    ) {
        let action: Option<Action> = Some(Box::new(action));
        self.state().fault = Some(Fault { when: Box::new(when), moment, action });
    }

    /// Returns the texts of the query messages so far, over all connections.
    pub fn queries(&self) -> Vec<String> {
        self.state().queries.clone()
    }

    /// Returns true if a fault is set and its message has not come.
    pub fn is_armed(&self) -> bool {
        self.state().fault.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, client: TcpStream, socket: &PathBuf) {
        let Ok(server) = UnixStream::connect(socket) else { return };
        let (Ok(mut from_client), Ok(mut to_client)) = (client.try_clone(), client.try_clone())
        else {
            return;
        };
        let (Ok(mut to_server), Ok(mut from_server)) = (server.try_clone(), server.try_clone())
        else {
            return;
        };
        self.state().clients.push(client);
        let is_lost = Arc::new(AtomicBool::new(false));
        let lost = Arc::clone(&is_lost);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = from_server.read(&mut buffer) {
                // An answer to a message behind which the connection is lost does not arrive.
                if lost.load(Ordering::SeqCst) || to_client.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            let _ = to_client.shutdown(Shutdown::Both);
        });
        let proxy = self.clone();
        std::thread::spawn(move || {
            if proxy.pump(&mut from_client, &mut to_server, &is_lost).is_some() {
                let _ = to_server.shutdown(Shutdown::Write);
            } else {
                proxy.state().orphans.push(server);
            }
        });
    }

    /// Forwards the messages of a client. Returns `None` if the connection was lost on purpose
    /// behind a message, so that the server does not notice.
    fn pump(
        &self,
        client: &mut TcpStream,
        server: &mut UnixStream,
        is_lost: &AtomicBool,
    ) -> Option<()> {
        // The first message has no type.
        let Some(start) = message(client, false) else { return Some(()) };
        if server.write_all(&start).is_err() {
            return Some(());
        }
        while let Some(message) = message(client, true) {
            let fault = self.fault_at(&message);
            let mut moment = None;
            if let Some(fault) = fault {
                moment = Some(fault.moment);
                if let Some(mut action) = fault.action {
                    if fault.moment == Moment::After && server.write_all(&message).is_err() {
                        return Some(());
                    }
                    action();
                    if fault.moment == Moment::After {
                        continue;
                    }
                    moment = None;
                }
            }
            is_lost.store(moment == Some(Moment::After), Ordering::SeqCst);
            if moment == Some(Moment::Before) {
                let _ = client.shutdown(Shutdown::Both);
                return Some(());
            }
            if server.write_all(&message).is_err() {
                return Some(());
            }
            if moment == Some(Moment::After) {
                let _ = client.shutdown(Shutdown::Both);
                return None;
            }
        }
        Some(())
    }

    fn fault_at(&self, message: &[u8]) -> Option<Fault> {
        if message.first() != Some(&b'Q') {
            return None;
        }
        let text = message.get(5..message.len().saturating_sub(1)).unwrap_or_default();
        let text = String::from_utf8_lossy(text).into_owned();
        let mut state = self.state();
        let number = state.queries.len();
        state.queries.push(text.clone());
        let is_now = state.fault.as_ref().is_some_and(|fault| (fault.when)(number, &text));
        if is_now { state.fault.take() } else { None }
    }
}

/// Reads one message of the protocol: a type, unless it is the first one, a length and the rest.
fn message(from: &mut TcpStream, has_type: bool) -> Option<Vec<u8>> {
    let head = if has_type { 5 } else { 4 };
    let mut message = vec![0; head];
    from.read_exact(&mut message).ok()?;
    let length = message.get(head - 4..)?.try_into().ok().map(u32::from_be_bytes)?;
    let rest = usize::try_from(length).ok()?.checked_sub(4)?;
    message.resize(head + rest, 0);
    from.read_exact(message.get_mut(head..)?).ok()?;
    Some(message)
}
