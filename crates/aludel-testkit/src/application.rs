//! A program that migrates its database and then serves HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// An application that runs, with `DATABASE_URL` and, in `ADDRESS`, a free port to listen on. It ends
/// when the value is dropped.
#[derive(Debug)]
pub struct Application {
    child: Child,
    said: Vec<String>,
    address: String,
}

#[expect(clippy::panic, reason = "a test has to fail")]
impl Application {
    /// Starts instances of a program at once, and returns them when all of them listen.
    pub fn start(program: &str, url: &str, count: usize) -> Vec<Self> {
        let start = |_| {
            let mut command = Command::new(program);
            command.env("DATABASE_URL", url).env("ADDRESS", "127.0.0.1:0");
            let child = command.stdout(Stdio::piped()).spawn();
            let child = child.unwrap_or_else(|error| panic!("{program} can't run: {error}"));
            Self { child, said: Vec::new(), address: String::new() }
        };
        // All are started before the first one is waited for.
        let mut instances: Vec<Self> = (0..count).map(start).collect();
        instances.iter_mut().for_each(Self::wait);
        instances
    }

    /// Reads what the program says until it listens.
    fn wait(&mut self) {
        let Some(output) = self.child.stdout.take() else { panic!("the program has no output") };
        for line in BufReader::new(output).lines() {
            let line =
                line.unwrap_or_else(|error| panic!("can't read what the program says: {error}"));
            if let Some(address) = line.strip_prefix("listening on ") {
                self.address = address.to_owned();
                return;
            }
            self.said.push(line);
        }
        panic!(
            "the program ended before it listened: {:?} after {:?}",
            self.child.wait(),
            self.said
        );
    }

    /// Returns the lines that the program had printed before it listened.
    pub fn said(&self) -> &[String] {
        &self.said
    }

    /// Sends a request, and returns the number of the status with the body of the answer.
    pub fn ask(&self, method: &str, path: &str, json: &str) -> String {
        let answer = self.exchange(&format!(
            "{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
            json.len()
        ));
        let answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        format!("{} {body}", answer.split(' ').nth(1).unwrap_or_default())
    }

    fn exchange(&self, request: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        // A program that has ended already is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
