import JSONText

/// The second monitor of a machine, as a tool from outside uses it (QMP).
final class AdminMonitor {
    private let socket: PlainSocket
    private var received: [UInt8] = []

    /// Connects and negotiates.
    init(machineDirectory: String) throws {
        socket = try PlainSocket(directory: machineDirectory, name: "admin.sock")
        _ = try message { $0["QMP"] != nil }
        try execute("qmp_capabilities")
    }

    /// Gives a command and waits for its answer.
    @discardableResult
    func execute(_ command: String, _ arguments: JSON? = nil) throws -> JSON {
        try send(command, arguments)
        return try answer()
    }

    /// Waits for the answer to a command that was sent.
    func answer() throws -> JSON {
        let answer = try message { $0["return"] != nil || $0["error"] != nil }
        guard let value = answer["return"] else { throw TestFailure("the monitor refuses: \(answer)") }
        return value
    }

    /// Gives a command and does not wait.
    func send(_ command: String, _ arguments: JSON? = nil) throws {
        var request: JSON = ["execute": .string(command)]
        if let arguments { request["arguments"] = arguments }
        try socket.send(request.canonicalBytes + [0x0a])
    }

    private func message(_ isWanted: (JSON) -> Bool) throws -> JSON {
        while true {
            if let end = received.firstIndex(of: 0x0a) {
                let line = Array(received[..<end])
                received.removeSubrange(...end)
                let json = try JSON(parsing: line)
                if isWanted(json) { return json }
                continue
            }
            let more = try socket.receive()
            guard !more.isEmpty else { throw TestFailure("the monitor hung up") }
            received += more
        }
    }
}
