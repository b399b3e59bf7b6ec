import Glibc
import Mesh
import Primitives
import TestFiles

/// A real kubectl, if this host has one, with a cache and a configuration of its own.
struct Kubectl {
    let path: String
    private let files = TemporaryDirectory(named: "kubectl")
    private var directory: String { files.path }

    /// Nil if there is none on the search path.
    static let installed: String? = {
        guard let search = getenv("PATH") else { return nil }
        return String(cString: search).split(separator: ":").map { "\($0)/kubectl" }.first { access($0, X_OK) == 0 }
    }()

    init(_ server: TLSServer, path: String) throws {
        self.path = path
        let text = """
            apiVersion: v1
            kind: Config
            clusters:
            - name: c
              cluster:
                server: "https://127.0.0.1:\(server.port)"
                tls-server-name: blixard.internal
                certificate-authority-data: \(Self.base64(Array(server.node.certificatePEM.utf8)))
            users:
            - name: u
              user:
                client-certificate-data: \(Self.base64(Array(server.admin.certificatePEM.utf8)))
                client-key-data: \(Self.base64(Array(server.admin.privateKeyPEM.utf8)))
            contexts:
            - name: x
              context: {cluster: c, user: u, namespace: default}
            current-context: x

            """
        _ = files.write("config", text)
    }

    /// Runs kubectl on a thread of its own, because waiting for a process blocks.
    func run(_ arguments: String...) async -> (code: Int32, output: String) {
        let command =
            ([path, "--kubeconfig", "\(directory)/config", "--cache-dir", "\(directory)/cache"] + arguments)
            .map { "'\($0)'" }.joined(separator: " ") + " 2>&1"
        return await withCheckedContinuation { continuation in
            let job = Job(command: command) { continuation.resume(returning: $0) }
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { raw in
                    let job = Unmanaged<Job>.fromOpaque(raw!).takeRetainedValue()
                    job.done(job.run())
                    return nil
                }, Unmanaged.passRetained(job).toOpaque())
            pthread_detach(thread)
        }
    }

    private final class Job {
        let command: String
        let done: ((Int32, String)) -> Void

        init(command: String, done: @escaping ((Int32, String)) -> Void) {
            self.command = command
            self.done = done
        }

        func run() -> (Int32, String) {
            guard let pipe = popen(command, "r") else { return (-1, "popen: \(errno)") }
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { bytes += buffer[..<count] }
            let status = pclose(pipe)
            return ((status >> 8) & 0xff, String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var value = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            value <<= 8 * UInt32(3 - group.count)
            for place in 0..<4 {
                text.append(
                    place <= group.count ? digits[Int(value >> (18 - 6 * UInt32(place)) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
