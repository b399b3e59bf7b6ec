public import Fleet
public import Manifest
public import Primitives

/// What a leader does next for a Git repository.
public enum SourceStep: Equatable, Sendable {
    /// Nothing before this moment; nil while only a change of the object brings something about.
    case wait(until: Instant?)
    /// Fetch what the spec names.
    case fetch(SourceLocation)
    /// Remember what was found, and plan again.
    case find(SourceFinding.Result)
    /// Put the commit into force as one entry. The objects are those that others have changed since it was in force;
    /// empty for a commit that is new.
    case apply(DesiredChange, healing: [ObjectKey])
    /// Record what was found.
    case report(SourceReport, of: SourceFinding)
    /// What was found is recorded already: forget it, and plan again.
    case forget(SourceFinding)
}

/// The next step for a Git repository.
///
/// What an entry would refuse is not proposed, so a refusal that stays the same writes nothing; and neither does a fetch
/// that finds what is in force.
///
/// - Parameters:
///   - object: The GitRepository, as the fleet has it.
///   - wall: Labels what is recorded.
public func planSource(
    _ memory: SourceMemory, of object: FleetObject, in fleet: Fleet, now: Instant, wall: WallTime
) -> SourceStep {
    if memory.isFollowed, memory.isToBeJudged, let spec = memory.spec, let content = memory.content {
        // A status that can't be read is one of a newer program; then it is judged as if there were none.
        let status = try? GitRepositoryStatus(canonical: object.status)
        let verdict = judgeSource(
            content, in: memory.setName(of: content), of: spec,
            wasApplied: status?.lastAppliedCommit == content.commit && status?.observedGeneration == object.generation,
            fleet)
        guard case .apply(let change, let healing) = verdict else { return verdict }
        if let refusals = refusals(of: change, in: fleet, wall: wall) { return .find(.refused(refusals)) }
        return .apply(change, healing: healing)
    }
    if let finding = memory.finding {
        guard let report = composeReport(of: finding, for: object, wall: wall) else { return .forget(finding) }
        return .report(report, of: finding)
    }
    guard memory.isFollowed, let spec = memory.spec else { return .wait(until: memory.flight?.deadline) }
    if let flight = memory.flight { return .wait(until: flight.deadline) }
    return memory.dueAt <= now ? .fetch(SourceLocation(spec)) : .wait(until: memory.dueAt)
}

/// What to do about a commit's manifests as the fleet is.
///
/// - Parameters:
///   - name: Of the set that they are.
///   - wasApplied: Whether the status says that this very commit was put into force for this very spec. Then what
///     differs was changed by others since.
private func judgeSource(
    _ content: SourceContent, in name: String, of spec: GitRepositorySpec, wasApplied: Bool, _ fleet: Fleet
) -> SourceStep {
    let comparison = SourceComparison(content, in: name, fleet)
    if comparison.isInForce { return .find(.inForce(revision: comparison.revision)) }
    // A revision of the same manifests was put into force, even if no leader came to say so.
    let isDrift = wasApplied || comparison.isNewest
    if isDrift, spec.drift == .warn { return .find(.drifted(comparison.changed, revision: comparison.revision)) }
    guard comparison.terminating.isEmpty else { return .find(.waits(comparison.terminating)) }
    let set = SetApplication(
        name: name, prune: spec.prune ? true : nil, expectedRevision: comparison.revision, message: content.message,
        commit: content.commit)
    return .apply(DesiredChange(content.mutations, set: set), healing: isDrift ? comparison.changed : [])
}

/// Why the fleet would not take a change; nil if it would. It is tried on a copy.
private func refusals(of change: DesiredChange, in fleet: Fleet, wall: WallTime) -> [Refusal]? {
    let refusals = admissionRefusals(of: change.mutations, in: fleet)
    guard refusals.isEmpty else { return refusals.bounded }
    var copy = fleet
    let write = WriteCommand(
        request: RequestID(high: 0, low: 0), baseRevision: fleet.revision, change: change)
    let envelope = CommandEnvelope(stamp: wall, author: nil, command: .write(write))
    if case .refused(let refusals) = copy.apply(envelope, index: fleet.appliedIndex + 1) { return refusals }
    return nil
}

extension SourceContent {
    /// `AUTHOR: SUBJECT`, as a revision's message: harmless, and shorter than a message may be.
    var message: String {
        let subject = subject.harmless(limit: 512)
        return author.isEmpty ? subject : author.harmless(limit: 128) + ": " + subject
    }
}
