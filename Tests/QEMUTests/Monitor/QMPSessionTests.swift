import Hypervisor
import JSONText
import Testing

@testable import QEMU

@Suite("A conversation with QEMU")
struct QMPSessionTests {
    /// A real beginning: greeting, reply to the first command, event, refusal.
    static let transcript = [
        #"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}"#,
        #"{"return": {}, "id": 1}"#,
        #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "SHUTDOWN", "data": {"guest": true}}"#,
        #"{"id": 2, "error": {"class": "GenericError", "desc": "no \u00fcse"}}"#,
    ].map { $0 + "\r\n" }.joined()

    static let messages: [QMPMessage] = [
        .greeting(QMPGreeting(version: "7.2.22")),
        .reply(id: 1, .success([:])),
        .event(QMPEvent(name: "SHUTDOWN", data: ["guest": true])),
        .reply(id: 2, .failure(QMPRefusal(errorClass: "GenericError", message: "no üse"))),
    ]

    @Test("A conversation with QEMU is understood, however it is cut into pieces")
    func pieces() throws {
        let bytes = Array(Self.transcript.utf8)
        for size in 1...bytes.count {
            var session = QMPSession()
            var seen: [QMPMessage] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                seen += try session.receive(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(seen == Self.messages)
        }
    }

    @Test("A conversation with QEMU that breaks off anywhere yields the whole messages before, and waits")
    func truncation() throws {
        let bytes = Array(Self.transcript.utf8)
        for length in 0..<bytes.count {
            var session = QMPSession()
            let seen = try session.receive(bytes.prefix(length))
            let lines = bytes.prefix(length).count { $0 == UInt8(ascii: "\n") }
            #expect(seen == Array(Self.messages.prefix(lines)))
        }
    }

    @Test("A conversation with QEMU with flipped bits is a violation or another message, and never a crash")
    func bitFlips() {
        let bytes = Array(Self.transcript.utf8)
        for place in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(bit)
                var session = QMPSession()
                do throws(QMPViolation) {
                    #expect(try session.receive(damaged).count <= 5)
                } catch {
                    #expect(!error.description.isEmpty)
                    #expect(throws: QMPViolation.self) { try session.receive([]) }
                }
            }
        }
    }

    @Test(
        "What is no conversation with QEMU is a violation",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "[]\n", "{}\n", "{\"return\": 1}\n", "{\"error\": {}, \"id\": 1}\n",
            "{\"error\": {\"class\": \"a\", \"desc\": \"b\"}}\n", "\u{0}\n", "{\"event\": 3}\n",
            "{\"return\": 1, \"return\": 2, \"id\": 1}\n",
        ])
    func garbage(text: String) {
        var session = QMPSession()
        #expect(throws: QMPViolation.self) { try session.receive(Array(text.utf8)) }
        #expect(throws: QMPViolation.self) { try session.receive(Array(Self.transcript.utf8)) }
    }

    @Test("A conversation with QEMU holds a bounded part of a line that never ends")
    func endlessLine() throws {
        var session = QMPSession()
        let block = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
        for _ in 0..<4 { #expect(try session.receive(block).isEmpty) }
        #expect(throws: QMPViolation.self) { try session.receive(block) }
    }

    @Test("A conversation with QEMU numbers its commands")
    func commands() {
        var session = QMPSession()
        let first = session.command("query-status", arguments: nil)
        let second = session.command("qom-get", arguments: ["path": "/machine"])
        #expect(first.id == 1 && second.id == 2)
        #expect(String(decoding: first.bytes, as: UTF8.self) == "{\"execute\":\"query-status\",\"id\":1}\n")
        #expect(
            String(decoding: second.bytes, as: UTF8.self)
                == "{\"arguments\":{\"path\":\"/machine\"},\"execute\":\"qom-get\",\"id\":2}\n")
    }

    @Test(
        "QEMU's words for its states mean the expected states of a machine",
        arguments: [
            ("running", .running), ("paused", .paused), ("prelaunch", .starting), ("inmigrate", .starting),
            ("shutdown", .poweredOff), ("guest-panicked", .panicked), ("internal-error", .panicked),
            ("postmigrate", .paused), ("suspended", .running), ("something-new", .paused),
        ] as [(String, Hypervisor.MachineState)])
    func states(word: String, state: Hypervisor.MachineState) {
        #expect(RunState(word: word).machineState == state)
    }
}
