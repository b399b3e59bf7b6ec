import Manifest
public import Primitives

/// What a fleet keeps of one manifest set besides its object: how it is kept, and its history.
public struct SetRecord: Equatable, Sendable {
    /// Why a revision's manifests are no longer kept.
    public enum Forgetting: UInt8, Equatable, Sendable, CaseIterable {
        /// The set keeps no more revisions.
        case limit = 1
        /// The history would have more bytes than it may.
        case bytes = 2
    }

    public internal(set) var settings: SetSettings
    /// The number of the newest revision; 0 before the first.
    public internal(set) var lastRevision: UInt64 = 0
    /// Those that are kept, oldest first; the last one is the newest.
    public internal(set) var revisions: [SetRevision] = []
    /// Up to which revision none is kept, and why the last of them went; nil while all are kept.
    public internal(set) var forgotten: (through: UInt64, why: Forgetting)?
    /// Objects that are members now.
    public internal(set) var memberCount = 0
    /// Of the distinct manifests of all kept revisions.
    var manifestBytes = 0

    init(settings: SetSettings) {
        self.settings = settings
    }

    public static func == (left: SetRecord, right: SetRecord) -> Bool {
        left.settings == right.settings && left.lastRevision == right.lastRevision
            && left.revisions == right.revisions && left.memberCount == right.memberCount
            && left.manifestBytes == right.manifestBytes && left.forgotten?.through == right.forgotten?.through
            && left.forgotten?.why == right.forgotten?.why
    }

    /// The newest revision; nil before the first.
    public var newest: SetRevision? { revisions.last }

    /// A kept revision by its number.
    public func revision(_ number: UInt64) -> SetRevision? { revisions.first { $0.number == number } }
}
