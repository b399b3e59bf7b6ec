import Manifest
import Primitives

/// The first answer to a request, small enough to keep a hundred thousand of them: keys come back from the repeated
/// write.
struct KeptAnswer: Equatable, Sendable {
    /// The log index of the entry that was answered.
    var index: UInt64
    /// The change counter before that entry; no smaller than the base of its request.
    var revisionBefore: UInt64
    /// How many mutations the write had.
    var mutations: Int
    /// The answer; see `encode(_:after:)`.
    var body: [UInt8]

    init(index: UInt64, revisionBefore: UInt64, mutations: Int, outcome: CommandOutcome) {
        self.index = index
        self.revisionBefore = revisionBefore
        self.mutations = mutations
        body = Self.encode(outcome, after: revisionBefore)
    }

    /// What it counts in the bound of all answers.
    var bytes: Int { body.count + 64 }

    /// The answer as it was given.
    ///
    /// - Parameter keys: The keys of the write's mutations; nil leaves those of the results empty.
    func outcome(keys: [ObjectKey]?, clusterID: String) -> CommandOutcome {
        do {
            return try decoded(keys: keys, clusterID: clusterID)
        } catch {
            preconditionFailure("the kept answer of index \(index) can't be read: \(error)")
        }
    }
}

// A body is one byte for what it is, and then
//   1 written   revision, list of results: operation, uid, resource version, generation
//   2 refused   list of refusals
//   3 written   as 1, then lists of pruned results with their keys and of released keys, and the set: name, revision
//               and whether it is new
// with revisions relative to the one before the entry. A created object's uid and generation follow from its place.

extension KeptAnswer {
    private static let writtenMark: UInt8 = 1
    private static let refusedMark: UInt8 = 2
    private static let writtenOfSetMark: UInt8 = 3

    private static func encode(_ outcome: CommandOutcome, after revision: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        switch outcome {
        case .written(let answer):
            let concernsSet = answer.set != nil || !answer.pruned.isEmpty || !answer.released.isEmpty
            writer.write(concernsSet ? writtenOfSetMark : writtenMark)
            writer.write(varint: answer.revision - revision)
            writer.write(list: answer.results) { $0.write(result: $1, after: revision) }
            guard concernsSet else { break }
            writer.write(list: answer.pruned) { writer, result in
                writer.write(key: result.key)
                writer.write(result: result, after: revision)
            }
            writer.write(list: answer.released) { $0.write(key: $1) }
            writer.write(optional: answer.set) { writer, set in
                writer.write(set.name)
                writer.write(varint: set.revision)
                writer.write(set.isNew)
            }
        case .refused(let refusals):
            writer.write(refusedMark)
            writer.write(list: refusals) { $0.write(refusal: $1) }
        case .joined, .batch, .done:
            preconditionFailure("no answer to a write: \(outcome)")
        }
        return writer.bytes
    }

    private func decoded(keys: [ObjectKey]?, clusterID: String) throws(DecodingFailure) -> CommandOutcome {
        var reader = ByteReader(body)
        let outcome: CommandOutcome
        let mark = try reader.readByte()
        switch mark {
        case Self.writtenMark, Self.writtenOfSetMark:
            let revision = revisionBefore &+ (try reader.readVarint())
            let count = try reader.readCount()
            guard count == mutations, count <= Limits.objectsPerApply else {
                throw DecodingFailure(.invalid("\(count) results of \(mutations) mutations"), offset: 0)
            }
            var results: [MutationResult] = []
            results.reserveCapacity(count)
            for position in 0..<count {
                results.append(
                    try reader.readResult(
                        key: keys?[position] ?? ObjectKey(kind: "", namespace: "", name: ""), after: revisionBefore,
                        createdUID: UID(cluster: clusterID, index: index, position: position)))
            }
            var answer = WriteAnswer(results: results, revision: revision)
            if mark == Self.writtenOfSetMark { try readSet(into: &answer, &reader) }
            outcome = .written(answer)
        case Self.refusedMark:
            outcome = .refused(try reader.readList { reader throws(DecodingFailure) in try reader.readRefusal() })
        case let other:
            throw DecodingFailure(.invalid("\(other) is no kind of answer"), offset: 0)
        }
        try reader.finish()
        return outcome
    }
}

extension KeptAnswer {
    private func readSet(into answer: inout WriteAnswer, _ reader: inout ByteReader) throws(DecodingFailure) {
        answer.pruned = try reader.readList { reader throws(DecodingFailure) in
            let key = try reader.readKey()
            // Nothing is created by pruning.
            return try reader.readResult(key: key, after: revisionBefore, createdUID: UID(high: 0, low: 0))
        }
        answer.released = try reader.readList { reader throws(DecodingFailure) in try reader.readKey() }
        answer.set = try reader.readOptional { reader throws(DecodingFailure) in
            SetOutcome(
                name: try reader.readString(), revision: try reader.readCounter(), isNew: try reader.readBool())
        }
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(varint: index)
        writer.write(varint: revisionBefore)
        writer.write(varint: mutations)
        writer.write(prefixed: body)
    }

    /// Reads an answer and proves that ``outcome(keys:clusterID:)`` will be able to.
    init(from reader: inout ByteReader, clusterID: String) throws(DecodingFailure) {
        let start = reader.offset
        index = try reader.readVarint()
        revisionBefore = try reader.readVarint()
        let mutations = try reader.readCounter()
        guard index < 1 << 56 else {
            throw DecodingFailure(.invalid("an answer of index \(index)"), offset: start)
        }
        self.mutations = Int(mutations)
        body = try reader.readPrefixed()
        do throws(DecodingFailure) {
            _ = try decoded(keys: nil, clusterID: clusterID)
        } catch {
            throw DecodingFailure(error.reason, offset: start)
        }
    }

    /// Of what was decided, not of how it was worded: two versions of the program may word a refusal differently.
    func digest(of request: RequestID) -> UInt64 {
        ContentDigest.of { writer in
            writer.write(request: request)
            writer.write(varint: index)
            writer.write(varint: revisionBefore)
            writer.write(varint: mutations)
            guard body.first == Self.refusedMark, case .refused(let refusals) = outcome(keys: nil, clusterID: "")
            else {
                writer.write(raw: body)
                return
            }
            for refusal in refusals {
                writer.write(refusal.reason.rawValue)
                writer.write(optional: refusal.key) { $0.write(key: $1) }
            }
        }
    }
}
