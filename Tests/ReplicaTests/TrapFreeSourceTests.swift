import TestFiles
import Testing

/// A replica that traps on a committed entry is a lost cluster: it traps again when it starts anew. The modules that an
/// entry goes through therefore hold nothing that traps on a value, but for the places below, each with the reason why
/// no value from outside gets there. A new place fails here, and wants an answer first: can an entry, a peer, a file or
/// a guest bring it about?
@Suite("Sources that committed entries go through")
struct TrapFreeSourceTests {
    private enum Trap: String, CaseIterable {
        case precondition, force, uniqueKeys, conversion

        private var marks: [String] {
            switch self {
            case .precondition: ["precondition", "fatalError", "assert"]
            case .force: ["!", "unowned", "unsafelyUnwrapped"]
            case .uniqueKeys: ["uniqueKeysWithValues"]
            case .conversion: ["Int"]
            }
        }

        func count(in line: String) -> Int {
            // Nearly no line has any of it, and expressions are slow.
            guard marks.contains(where: line.contains) else { return 0 }
            return switch self {
            case .precondition:
                // `precondition:` is also the label of what a write is tied to.
                line.matches(of: /(^|[ {])(precondition(Failure)?|fatalError|assert(ionFailure)?)\(/).count
            case .force: line.matches(of: /[A-Za-z0-9_)\]]!(?!=)|unowned|unsafelyUnwrapped/).count
            case .uniqueKeys: line.matches(of: /uniqueKeysWithValues/).count
            case .conversion:
                // With a label it says what becomes of a value that does not fit.
                line.matches(of: /\bU?Int(8|16|32|64)?\((?=[a-z($])(?![a-z][A-Za-z]*: )/).count
            }
        }
    }

    /// How often a trap may stand in a file, named by its module, and why.
    private typealias Place = (file: String, trap: Trap, count: Int, why: String)

    private static let places: [Place] = [
        ("Primitives/Backoff.swift", .precondition, 1, "constants of the program"),
        ("Primitives/ByteReader.swift", .precondition, 2, "the width of a type; a count that was read as one"),
        ("Primitives/ByteWriter.swift", .precondition, 1, "the count of a collection"),
        ("Primitives/HarmlessText.swift", .precondition, 1, "constants of the program"),
        ("Primitives/UID.swift", .precondition, 1, "the fleet bounds the index and the objects of a write before"),
        ("JSONText/JSON.swift", .precondition, 1, "members are set on values that were found to be objects"),
        ("JSONText/JSONObject.swift", .precondition, 1, "members of an object or a dictionary, which has no key twice"),
        ("JSONText/JSONObject.swift", .force, 1, "an index that was made the line before"),
        ("JSONText/JSONPatch.swift", .precondition, 1, "a patch that is read is bounded before; others are constants"),
        ("JSONText/JSONParser.swift", .precondition, 1, "a key that was found twice the moment before"),
        ("JSONText/JSONParser.swift", .force, 1, "the address of a text, of which a byte was read"),
        ("JSONText/JSONParser+Strings.swift", .force, 2, "a scalar whose range was looked at before"),
        ("JSONText/JSONWriter.swift", .precondition, 1, "the caller handles arrays and objects"),
        ("Manifest/JSON+Bounds.swift", .conversion, 1, "a text, which is nil if it does not fit"),
        ("Manifest/GitRepositorySpec.swift", .conversion, 1, "Int to Int64"),
        ("Manifest/KindSchema.swift", .precondition, 2, "the program's own schemas"),
        ("Manifest/KindSchema.swift", .force, 2, "the program's own schemas"),
        ("Manifest/GitRepositoryStatus.swift", .conversion, 1, "Int to Int64"),
        ("Manifest/ManifestError.swift", .precondition, 1, "errors are thrown only where there are some"),
        ("Manifest/ManifestSetSpec.swift", .conversion, 2, "Int to Int64"),
        ("Manifest/NameRules.swift", .force, 2, "a text that was found not to be empty"),
        ("Manifest/NodeSpec.swift", .conversion, 1, "Int to Int64"),
        ("Manifest/NodeStatus.swift", .conversion, 1, "Int to Int64"),
        ("Manifest/Quantity.swift", .conversion, 1, "an exponent of at most 27"),
        ("Manifest/Schema.swift", .uniqueKeys, 1, "the names of one JSON object, which has none twice"),
        ("Manifest/SealedValue.swift", .conversion, 1, "a text, which is nil if it does not fit"),
        ("Manifest/SchemaLoader.swift", .conversion, 6, "Int64 to Int"),
        ("Manifest/ValueFormat.swift", .conversion, 1, "a text, which is nil if it does not fit"),
        ("Manifest/VirtualMachineSpec+Writing.swift", .conversion, 4, "Int to Int64"),
        ("Manifest/VirtualMachineStatus+JSON.swift", .conversion, 2, "Int to Int64"),
        ("Fleet/ChangeFeed.swift", .precondition, 1, "constants of the program"),
        ("Fleet/ByteReader+Fleet.swift", .conversion, 1, "Int64 to Int"),
        ("Fleet/ContentDigest.swift", .conversion, 2, "a byte and a length"),
        ("Fleet/Queue.swift", .precondition, 2, "positions that the caller counted"),
        ("Fleet/ShardedTable.swift", .conversion, 2, "the upper bits of a hash"),
        ("Fleet/EventRecord+Coding.swift", .conversion, 1, "bounded by Int.max in the line before"),
        ("Fleet/Fleet+Apply.swift", .precondition, 1, "consensus counts entries, and the codec bounds their indexes"),
        ("Fleet/Fleet+Restore.swift", .conversion, 1, "UInt32 to UInt64"),
        ("Fleet/Fleet+Snapshot.swift", .conversion, 3, "UInt8 and UInt32 to UInt64"),
        ("Fleet/JoinRules.swift", .conversion, 1, "a text, which is nil if it does not fit"),
        ("Fleet/MemberTable.swift", .conversion, 1, "UInt32 to UInt64"),
        ("Fleet/MemberTable.swift", .precondition, 2, "a join and a snapshot look before they add"),
        ("Fleet/Ticket.swift", .conversion, 1, "bounded by Int.max in the line before"),
        ("Fleet/FleetObject+Coding.swift", .conversion, 1, "Int to Int64"),
        ("Fleet/RequestID.swift", .conversion, 4, "bytes to UInt64, and places of bytes"),
        ("Fleet/SetRevision+Coding.swift", .conversion, 5, "a counter, which is below 2^56"),
        ("Fleet/SetTable+Coding.swift", .conversion, 2, "a counter, which is below 2^56"),
        ("Fleet/SetTable.swift", .precondition, 1, "an application makes the record of its set before it adds"),
        ("Fleet/KeptAnswer.swift", .conversion, 1, "a counter, which is below 2^56"),
        ("Fleet/KeptAnswer.swift", .precondition, 2, "it was encoded here, or read whole when it came"),
        ("Fleet/RequestWindow.swift", .precondition, 2, "constants; a repeat is answered before"),
        ("Reconcile/DesiredMachine.swift", .conversion, 1, "bounded in the same line"),
        ("Reconcile/MachineHistory+JSON.swift", .conversion, 1, "Int to Int64"),
        ("Reconcile/MachineSpec+Desired.swift", .conversion, 2, "ports, which the view of a spec bounds"),
        ("Reconcile/NodeObservations+JSON.swift", .conversion, 5, "Int and Int32 to Int64, Int64 to Int, and a text"),
        ("Reconcile/Placement.swift", .conversion, 2, "Int to Int64"),
        ("Reconcile/SourceMemory.swift", .conversion, 1, "Int to Int64"),
        ("Reconcile/SourceMemory.swift", .precondition, 1, "the caller compares the uid before"),
        ("Reconcile/WorkQueue.swift", .precondition, 1, "what is finished was taken"),
        ("Replica/AppendsInFlight.swift", .precondition, 1, "the node's own journal"),
        ("Replica/Consensus+View.swift", .conversion, 1, "which of the two is larger was looked at before"),
        ("Replica/LogRecord.swift", .conversion, 1, "UInt8 to UInt64"),
        ("Replica/OpenLog.swift", .conversion, 1, "the bytes of an entry, which are in memory"),
        ("Replica/Replica.swift", .precondition, 1, "the host's monotonic clock"),
        ("Replica/Replica+View.swift", .precondition, 1, "asked by the simulator alone, about what it saw applied"),
        ("Replica/ReplicaTiming.swift", .precondition, 1, "constants of the program"),
        ("Replica/Snapshots.swift", .precondition, 2, "consensus stores what was received"),
        ("Wire/Command+Writing.swift", .conversion, 4, "Int to Int64, and UInt32 to UInt64"),
        ("Wire/CommandCodec.swift", .conversion, 1, "UInt8 to UInt64"),
        ("Wire/DesiredChange+Coding.swift", .conversion, 1, "Int to Int64"),
        ("Wire/Mutation+Coding.swift", .conversion, 3, "Int to Int64"),
        ("Wire/MessageCodec.swift", .conversion, 1, "UInt8 to UInt64"),
        ("Wire/MessageCodec.swift", .precondition, 2, "what the node itself sends"),
        ("Wire/PeerMessage+Reading.swift", .precondition, 1, "the caller reads that kind itself"),
        ("Wire/WriteFailure+Coding.swift", .conversion, 4, "Int to Int64"),
        ("Wire/PeerMessageCodec.swift", .conversion, 2, "UInt8 to UInt64"),
    ]

    /// Text and numbers of the program's own are taken apart bit by bit in the lowest modules, with conversions that
    /// no value can break; these are left to their tests.
    private static let bitwise = ["Primitives", "JSONText"]
    private static let modules = bitwise + ["Manifest", "Fleet", "Reconcile", "Wire", "Replica"]

    @Test("sources that committed entries go through hold nothing that traps on a value, but for places with a reason")
    func places() throws {
        var found: [String: Int] = [:]
        let files = Self.modules.flatMap(Self.files)
        #expect(files.count > 150)
        for file in files {
            let isBitwise = Self.bitwise.contains { file.hasPrefix($0) }
            for line in Self.code(of: try #require(TextFile.read(Self.sources + file))) {
                for trap in Trap.allCases where !(isBitwise && trap == .conversion) {
                    found["\(Self.name(of: file)): \(trap)", default: 0] += trap.count(in: line)
                }
            }
        }
        var known: [String: Int] = [:]
        for place in Self.places { known["\(place.file): \(place.trap)"] = place.count }
        for place in Set(found.keys).union(known.keys).sorted() {
            let (there, allowed) = (found[place] ?? 0, known[place] ?? 0)
            #expect(there == allowed, "\(place): \(there) times, and \(allowed) times with a reason")
        }
    }

    /// The module and the file's own name: a file that moves to another folder of its module stays the same place.
    private static func name(of file: String) -> String {
        let parts = file.split(separator: "/")
        return "\(parts[0])/\(parts[parts.count - 1])"
    }

    private static let sources: String = {
        var parts = #filePath.split(separator: "/")
        parts.removeLast(3)
        return "/" + parts.joined(separator: "/") + "/Sources/"
    }()

    /// Every Swift file of a module, at any depth.
    private static func files(of directory: String) -> [String] {
        TextFile.names(in: sources + directory).filter { !$0.hasPrefix(".") }.flatMap { name -> [String] in
            let path = "\(directory)/\(name)"
            if name.hasSuffix(".swift") { return [path] }
            return name.contains(".") ? [] : files(of: path)
        }
    }

    /// The lines of a file without comments and without what stands in quotes.
    private static func code(of text: String) -> [String] {
        var isText = false
        return text.split(separator: "\n").compactMap { line in
            var line = String(line)
            let marks = line.contains("\"\"\"") ? line.matches(of: /"""/).count : 0
            defer { if !marks.isMultiple(of: 2) { isText.toggle() } }
            guard !isText, marks == 0 else { return nil }
            if line.contains("\"") { line.replace(/"(\\.|[^"\\])*"/, with: "\"\"") }
            if let comment = line.firstRange(of: "//") { line.removeSubrange(comment.lowerBound...) }
            return line
        }
    }
}
