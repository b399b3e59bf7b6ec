public import Fleet
public import Manifest
public import Primitives

/// What came of one fetch of a Git repository, as its status is to show it.
public struct SourceFinding: Equatable, Sendable {
    public enum Result: Equatable, Sendable {
        /// The commit's manifests are in force, as this revision of the set.
        case inForce(revision: UInt64)
        /// They were in force, and others have changed these objects.
        case drifted([ObjectKey], revision: UInt64)
        /// The commit was not in force, and is now.
        case applied(revision: UInt64)
        /// It was in force, others had changed these objects, and that is mended.
        case healed([ObjectKey], revision: UInt64)
        /// Nothing is applied before these objects, which are being deleted, are gone.
        case waits([ObjectKey])
        /// The cluster does not take the manifests; never empty.
        case refused([Refusal])
        /// Nothing can be read.
        case failed(SourceFailure)
    }

    /// Of the spec that the fetch was made for.
    public var generation: UInt64
    /// The full name of the commit; nil if none came.
    public var commit: String?
    /// The name of the set.
    public var set: String
    public var result: Result
    /// The newest request for a fetch that this one has served; nil if it served none.
    public var request: RequestID?
    /// How many objects the commit's manifests describe; nil if none came.
    public var objects: Int?

    public init(generation: UInt64, commit: String?, set: String, result: Result, request: RequestID?) {
        self.generation = generation
        self.commit = commit
        self.set = set
        self.result = result
        self.request = request
    }
}
