import Fleet
import JSONText
import Manifest
import Primitives

/// What a leader records of a finding; nil if the object says it already and nothing happened.
///
/// - Parameter wall: Civil time for what changes now.
func composeReport(of finding: SourceFinding, for object: FleetObject, wall: WallTime) -> SourceReport? {
    // A status that can't be read is replaced whole.
    let previous = (try? GitRepositoryStatus(canonical: object.status)) ?? GitRepositoryStatus()
    var status = previous
    status.observedGeneration = finding.generation
    status.lastSeenCommit = finding.commit ?? previous.lastSeenCommit
    status.lastHandledRequest = finding.request?.description ?? previous.lastHandledRequest
    let account = SourceAccount(finding)
    if let revision = account.revision {
        status.lastAppliedCommit = finding.commit
        status.appliedRevision = revision
        status.appliedObjects = finding.objects ?? previous.appliedObjects
    }
    func condition(_ type: String, _ holds: Bool, _ reason: String, _ message: String) -> Condition {
        Condition(
            type: type, status: holds ? .true : .false, reason: reason, message: message,
            observedGeneration: finding.generation, lastTransitionTime: wall)
    }
    status.conditions.set(condition("Ready", account.revision != nil, account.reason, account.message))
    // It is known only where the manifests were held against the objects, and shown once it was true.
    if let drift = account.drift {
        status.conditions.set(condition("Drifted", true, "Changed", drift))
    } else if account.revision != nil, previous.conditions["Drifted"] != nil {
        status.conditions.set(condition("Drifted", false, "InForce", ""))
    }
    let events = account.events(since: previous, finding).map { type, reason, message in
        EventDraft(
            regarding: object.key, uid: object.uid, type: type, reason: reason, message: message, source: "leader")
    }
    guard status != previous || !events.isEmpty else { return nil }
    // An answered request alone says when, too.
    status.lastFetchedAt = wall
    return SourceReport(key: object.key, uid: object.uid, status: status.json.canonicalBytes, events: events)
}

/// A finding in words.
private struct SourceAccount {
    /// Of the set, where the commit is in force; nil where it is not, or not known to be.
    var revision: UInt64?
    /// Of the condition `Ready`.
    var reason: String
    var message: String
    /// What others have changed; nil if they have changed nothing.
    var drift: String?

    init(_ finding: SourceFinding) {
        let commit = finding.commit.map { String($0.prefix(12)) } ?? "none"
        func inForce(_ number: UInt64) -> String { "commit \(commit) is revision \(number) of the set \(finding.set)" }
        switch finding.result {
        case .inForce(let number), .applied(let number), .healed(_, let number):
            (revision, reason, message) = (number, "Applied", inForce(number))
        case .drifted(let keys, let number):
            (revision, reason, message) = (number, "Applied", inForce(number))
            drift = "not as commit \(commit) says: \(Self.names(keys))"
        case .waits(let keys):
            reason = "WaitsForDeletion"
            message = "commit \(commit) is applied once these are gone: \(Self.names(keys))"
        case .refused(let refusals):
            reason = "Refused"
            message = Self.cut("commit \(commit): " + refusals.map(\.message).joined(separator: "; "))
        case .failed(let failure):
            reason = failure.reason.rawValue
            message = Self.cut(failure.message)
        }
    }

    /// What is told beside the status: what was done, and a problem that is new.
    func events(
        since previous: GitRepositoryStatus, _ finding: SourceFinding
    ) -> [(type: EventType, reason: String, message: String)] {
        switch finding.result {
        case .waits: return []
        case .healed(let keys, _): return [(.normal, "Healed", "applied again what was changed: \(Self.names(keys))")]
        case .inForce, .applied:
            // A leader that was lost may have applied it and not said so.
            guard previous.lastAppliedCommit != finding.commit || previous.appliedRevision != revision else {
                return []
            }
            return [(.normal, "Applied", message)]
        case .drifted:
            guard let drift, previous.conditions["Drifted"]?.message != drift else { return [] }
            return [(.warning, "Drifted", drift)]
        case .refused, .failed:
            let before = previous.conditions["Ready"]
            guard before?.reason != reason || before?.message != message else { return [] }
            return [(.warning, reason, message)]
        }
    }

    /// At most ten of them.
    private static func names(_ keys: [ObjectKey]) -> String {
        let listed = keys.prefix(10).map(\.description).joined(separator: ", ")
        return keys.count > 10 ? "\(listed) and \(keys.count - 10) more" : listed
    }

    /// As much as an event keeps, on one line.
    private static func cut(_ text: String) -> String { text.harmless(limit: Limits.eventMessageBytes / 4) }
}
