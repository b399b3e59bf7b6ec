import ArgumentParser
import Contract
import JSONText
import Primitives

/// The flag of every command that writes objects.
struct WriteOptions: ParsableArguments {
    @Option(
        name: .customLong("request-id"),
        help: ArgumentHelp(
            "Repeat the write of this id: it takes effect once, however often it is repeated.", valueName: "id"))
    var requestID: String?

    /// The given id, or a new one; with the revision that the write is based on.
    func reference(with client: ClusterClient) async throws -> RequestReference {
        var reference: RequestReference
        if let requestID {
            guard let given = RequestReference(requestID) else {
                throw CommandFailure.error(
                    "--request-id \"\(requestID)\" is no request id: it must be 32 hexadecimal digits, "
                        + "with @REVISION behind them or without")
            }
            reference = given
        } else {
            reference = RequestReference(random: client.world.randomBytes(16), baseRevision: nil)
        }
        if reference.baseRevision == nil { reference.baseRevision = try await client.knownRevision() }
        return reference
    }
}

/// One write of a command: sent under an id, and explained if its outcome can't be known.
struct ClusterWrite {
    let client: ClusterClient
    let reference: RequestReference

    init(_ client: ClusterClient, _ options: WriteOptions) async throws {
        self.client = client
        reference = try await options.reference(with: client)
    }

    init(_ client: ClusterClient, reference: RequestReference) {
        self.client = client
        self.reference = reference
    }

    /// What the bodies of our own routes say of it.
    var identity: WriteIdentity {
        WriteIdentity(request: reference.id, baseRevision: reference.baseRevision ?? 0)
    }

    /// Sends a set of objects, whose answer says what became of each.
    func send(_ path: OwnPath, _ body: some RequestBody, _ dryRun: DryRun) async throws -> Answered<WriteReport> {
        try Answered(try await send("POST", path.text, query: dryRun.query, body: body.json))
    }

    func send(
        _ method: String, _ path: String, query: [(String, String)] = [], body: JSON?, contentType: String? = nil
    ) async throws -> JSON {
        do {
            return try await client.connection.send(
                method, path, query: query, body: body, contentType: contentType, request: reference)
        } catch {
            if error.isOutcomeUnknown { throw CommandFailure(text: explanation(of: error)) }
            throw error
        }
    }

    func explanation(of failure: ClientFailure) -> String {
        let cause: String =
            switch failure {
            case .lostAnswer(_, let reason): " (the answer got lost: \(reason.harmless))"
            default: ""
            }
        let readsInput = client.world.arguments.contains("-") || client.world.arguments.contains("-f-")
        return """
            error: outcome unknown: it may still take effect\(cause)
            request id: \(reference)
            Repeat it\(readsInput ? ", with the same standard input," : "") and it takes effect once:
              \(ShellWords.command(
                repeating: client.world.arguments, option: "--request-id", value: reference.description))
            """
    }
}

/// Writes command lines as a shell reads them.
enum ShellWords {
    /// This program's command line with an option, in place of what it may say already.
    static func command(repeating arguments: [String], option: String, value: String) -> String {
        var words: [String] = []
        var skip = false
        for argument in arguments {
            if skip {
                skip = false
            } else if argument == option {
                skip = true
            } else if !argument.hasPrefix("\(option)=") {
                words.append(argument)
            }
        }
        return join(["blixard"] + words + [option, value])
    }

    static func join(_ words: [String]) -> String { words.map(quote).joined(separator: " ") }

    private static func quote(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_./:=@,+%".utf8.contains($0)
                }
            }
        if isPlain { return word }
        if !word.isHarmless { return "$'" + word.unicodeScalars.map(escaped).joined() + "'" }
        return "'" + word.reduce(into: "") { $0 += $1 == "'" ? "'\\''" : String($1) } + "'"
    }

    /// A sign between `$'` and `'`, as bash, zsh and ksh read it; what a terminal would obey as its bytes.
    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\t": "\\t"
        case "'", "\\": "\\" + String(scalar)
        case _ where scalar.isHarmless: String(scalar)
        default: String(scalar).utf8.map { "\\x" + Hex.encode([$0]) }.joined()
        }
    }
}
