public import Fleet
public import JSONText
public import Primitives

/// The answer to `GET /blixard/v1/sets/NAME/revisions`: the history of a manifest set.
public struct SetHistory: AnswerBody {
    public static let title = "the history of a set"

    public var name: String
    /// The number of the newest revision; 0 before the first.
    public var revision: UInt64
    /// Objects that are members now.
    public var members: Int
    /// Revisions that are kept, oldest first.
    public var revisions: [SetRevisionSummary]
    /// Why older revisions are no longer kept, for people; nil while all are.
    public var forgotten: String?

    public init(
        name: String, revision: UInt64, members: Int, revisions: [SetRevisionSummary], forgotten: String?
    ) {
        self.name = name
        self.revision = revision
        self.members = members
        self.revisions = revisions
        self.forgotten = forgotten
    }

    /// What a fleet knows of a set.
    public init(_ name: String, _ record: SetRecord) {
        self.init(
            name: name, revision: record.lastRevision, members: record.memberCount,
            revisions: record.revisions.map(SetRevisionSummary.init), forgotten: record.forgottenText)
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        name = try reader.text("name")
        revision = try reader.counter("revision")
        members = try reader.number("members", in: 0...Int.max)
        revisions = try reader.elements("revisions", SetRevisionSummary.init(reader:))
        forgotten = try reader.optionalText("forgotten")
    }

    public var json: JSON {
        [
            "name": .string(name), "revision": .integer(Int64(clamping: revision)),
            "members": .integer(Int64(members)), "revisions": .array(revisions.map(\.json)),
            "forgotten": forgotten.map { .string($0) } ?? .null,
        ]
    }
}

extension SetRecord {
    /// What is no longer kept, and why; nil while everything is.
    var forgottenText: String? {
        forgotten.map { forgotten in
            let why =
                switch forgotten.why {
                case .limit: "the set keeps \(settings.revisionHistoryLimit) (spec.revisionHistoryLimit)"
                case .bytes: "their manifests have more than \(Limits.setHistoryBytes >> 20) MiB"
                }
            return "revisions up to \(forgotten.through) are no longer kept: \(why)"
        }
    }
}

/// One revision of a set, without its manifests.
public struct SetRevisionSummary: Equatable, Sendable {
    public var number: UInt64
    /// To the second.
    public var time: WallTime
    /// In hexadecimal digits; nil for what the cluster did by itself.
    public var author: PublicKey?
    /// The author's name as it was then; empty if it had none.
    public var authorName: String
    public var message: String
    /// The Git commit that its manifests are from; empty if none is known.
    public var commit: String
    /// What the apply did to how many objects.
    public var counts: SetCounts

    public init(
        number: UInt64, time: WallTime, author: PublicKey?, authorName: String, message: String, commit: String,
        counts: SetCounts
    ) {
        self.number = number
        self.time = time
        self.author = author
        self.authorName = authorName
        self.message = message
        self.commit = commit
        self.counts = counts
    }

    public init(_ revision: SetRevision) {
        self.init(
            number: revision.number, time: revision.time, author: revision.author, authorName: revision.authorName,
            message: revision.message, commit: revision.commit, counts: revision.counts)
    }

    init(reader: AnswerReader) throws(AnswerMismatch) {
        number = try reader.counter("number")
        guard let time = WallTime(rfc3339: try reader.text("time")) else {
            throw reader.mismatch("time", "a time of RFC 3339")
        }
        self.time = time
        author = try reader.optionalText("author") == nil ? nil : try reader.key("author")
        authorName = try reader.text("authorName")
        message = try reader.text("message")
        commit = try reader.text("commit")
        counts = try reader.nested("counts", SetCounts.init(reader:))
    }

    var json: JSON {
        [
            "number": .integer(Int64(clamping: number)), "time": .string(time.rfc3339),
            "author": author.map { .string($0.description) } ?? .null, "authorName": .string(authorName),
            "message": .string(message), "commit": .string(commit), "counts": counts.json,
        ]
    }
}

extension SetCounts {
    fileprivate init(reader: AnswerReader) throws(AnswerMismatch) {
        func count(_ name: String) throws(AnswerMismatch) -> Int { try reader.number(name, in: 0...Int.max) }
        self.init(
            created: try count("created"), configured: try count("configured"), unchanged: try count("unchanged"),
            pruned: try count("pruned"), released: try count("released"))
    }

    fileprivate var json: JSON {
        [
            "created": .integer(Int64(created)), "configured": .integer(Int64(configured)),
            "unchanged": .integer(Int64(unchanged)), "pruned": .integer(Int64(pruned)),
            "released": .integer(Int64(released)),
        ]
    }
}

/// The answer to `GET /blixard/v1/sets/NAME/revisions/NUMBER`: what a revision said.
public struct SetRevisionAnswer: AnswerBody {
    public static let title = "a revision of a set"

    public var name: String
    public var summary: SetRevisionSummary
    /// Its manifests in normal form, by the order of their keys; an apply of them brings the revision back.
    public var documents: [JSON]

    public init(name: String, summary: SetRevisionSummary, documents: [JSON]) {
        self.name = name
        self.summary = summary
        self.documents = documents
    }

    public init(_ reader: AnswerReader) throws(AnswerMismatch) {
        name = try reader.text("name")
        summary = try reader.nested("revision", SetRevisionSummary.init(reader:))
        guard let documents = reader.value("documents")?.array else {
            throw reader.mismatch("documents", "an array of manifests")
        }
        self.documents = documents
    }

    public var json: JSON {
        ["name": .string(name), "revision": summary.json, "documents": .array(documents)]
    }
}
