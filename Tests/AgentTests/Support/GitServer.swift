import Glibc
import Host
import TestFiles

@testable import Agent

/// A server of repositories on loopback, until it is stopped: git's own programs behind a small one in Python.
final class GitServer: Sendable {
    enum Manner: String {
        /// `git daemon`.
        case daemon
        /// `git http-backend`, which asks for the user `ada` with the password `s3cret`.
        case http
        /// Accepts and says nothing.
        case silent
        /// Names branches without end.
        case endless
        /// Leads http requests to another server, whose port stands in the file `other`.
        case redirect
    }

    let port: Int
    private let process: ProcessHandle

    init(_ manner: Manner, of directory: String, at scratch: String, leadingTo other: Int = 0) async throws {
        let script = "\(scratch)/server.py"
        let log = "\(scratch)/server-\(manner.rawValue).log"
        try TextFile.write(Self.script, to: script)
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(output) }
        process = try ChildProcess(
            executable: "/usr/bin/env",
            arguments: ["python3", "-u", script, manner.rawValue, directory, "\(other)"],
            environment: ["PATH=\(SharedData.environment("PATH") ?? "")", "HOME=/nonexistent", "LC_ALL=C"],
            workingDirectory: scratch, newSession: true
        ).spawn(output: output)
        var text = ""
        while !text.contains("\n") {
            guard process.end == nil else { throw TestRepository.Failure(description: "the server ended: \(text)") }
            await Task.yield()
            text = TextFile.read(log) ?? ""
        }
        port = Int(text.prefix { $0 != "\n" }) ?? 0
    }

    deinit {
        // It leads a session of its own, and what it has started ends with it.
        kill(-process.pid, SIGKILL)
    }

    private static let script = """
        import base64, http.server, socket, socketserver, subprocess, sys, threading
        manner, directory, other = sys.argv[1:4]
        environment = {'PATH': '/usr/local/bin:/usr/bin:/bin', 'HOME': '/nonexistent', 'GIT_CONFIG_NOSYSTEM': '1',
                       'GIT_CONFIG_GLOBAL': directory + '/server.config'}

        class Plain(socketserver.BaseRequestHandler):
            def handle(self):
                if manner == 'silent':
                    threading.Event().wait()
                elif manner == 'endless':
                    number = 0
                    while True:
                        lines = []
                        for _ in range(1000):
                            number += 1
                            text = '%040x refs/heads/%d\\n' % (number, number)
                            lines.append('%04x%s' % (len(text) + 4, text))
                        self.request.sendall(''.join(lines).encode())
                else:
                    subprocess.run(['git', 'daemon', '--inetd', '--export-all', '--base-path=' + directory],
                                   stdin=self.request, stdout=self.request, env=environment)

        class Web(http.server.BaseHTTPRequestHandler):
            def log_message(self, *words): pass
            def do_GET(self): self.answer()
            def do_POST(self): self.answer()
            def answer(self):
                if manner == 'redirect':
                    self.send_response(302)
                    self.send_header('Location', 'http://127.0.0.1:%s%s' % (other, self.path))
                    self.end_headers()
                    return
                wanted = 'Basic ' + base64.b64encode(b'ada:s3cret').decode()
                if self.headers.get('Authorization') != wanted:
                    self.send_response(401)
                    self.send_header('WWW-Authenticate', 'Basic realm="git"')
                    self.send_header('Content-Length', '0')
                    self.end_headers()
                    return
                path, _, query = self.path.partition('?')
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                values = dict(environment, GIT_PROJECT_ROOT=directory, GIT_HTTP_EXPORT_ALL='1', PATH_INFO=path,
                              QUERY_STRING=query, REQUEST_METHOD=self.command, CONTENT_LENGTH=str(len(body)),
                              CONTENT_TYPE=self.headers.get('Content-Type') or '',
                              HTTP_CONTENT_ENCODING=self.headers.get('Content-Encoding') or '',
                              GIT_PROTOCOL=self.headers.get('Git-Protocol') or '')
                made = subprocess.run(['git', 'http-backend'], input=body, stdout=subprocess.PIPE, env=values).stdout
                head, _, rest = made.partition(b'\\r\\n\\r\\n')
                fields = dict(line.split(': ', 1) for line in head.decode().split('\\r\\n'))
                self.send_response(int(fields.pop('Status', '200').split()[0]))
                for name, value in fields.items(): self.send_header(name, value)
                self.send_header('Content-Length', str(len(rest)))
                self.end_headers()
                self.wfile.write(rest)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
        server = Server(('127.0.0.1', 0), Web if manner in ('http', 'redirect') else Plain)
        print(server.server_address[1])
        server.serve_forever()
        """
}
