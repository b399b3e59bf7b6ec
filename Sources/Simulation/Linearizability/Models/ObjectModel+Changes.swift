// What puts and deletions do.
extension ObjectModel {
    func put(
        _ value: String, _ precondition: Precondition, _ state: State, _ output: Output?, into next: inout [State]
    ) {
        guard let output else { return putUnknown(value, precondition, state, into: &next) }
        switch (output, state.presence) {
        case (.created(let version), .absent), (.created(let version), .terminating):
            guard !precondition.needsObject, state.canChange(to: version) else { return }
            next.append(known(.present(value), at: version))
        case (.configured(let version), .present(let before)):
            guard before != value, precondition.canHold(of: state), state.canChange(to: version),
                version > precondition.version ?? 0
            else { return }
            next.append(known(.present(value), at: version))
        case (.unchanged(let version), .present(value)):
            guard precondition.canHold(of: state), state.canBe(at: version),
                precondition.version.map({ $0 == version }) ?? true
            else { return }
            next.append(known(state.presence, at: version))
        case (.refused(.alreadyExists), .present): if precondition == .absent { next.append(state) }
        case (.refused(.conflict), .present): if precondition.canFail(in: state) { next.append(state) }
        case (.refused(.notFound), .absent): if precondition.needsObject { next.append(state) }
        case (.refused(.notFound), .terminating): if precondition.needsObject { next.append(absent(after: state)) }
        case (.refused(.terminating), .terminating): next.append(state)
        default: break
        }
    }

    /// It took effect if it could; in doubt, either.
    private func putUnknown(
        _ value: String, _ precondition: Precondition, _ state: State, into next: inout [State]
    ) {
        let written = changed(.present(value), after: max(state.version, precondition.version ?? 0))
        switch state.presence {
        case .absent: next.append(precondition.needsObject ? state : written)
        case .terminating:
            next.append(state)
            if !precondition.needsObject { next.append(written) }
        case .present(value): next.append(state)
        case .present:
            if precondition.canHold(of: state) { next.append(written) }
            if precondition.canFail(in: state) { next.append(state) }
        }
    }

    func delete(_ wanted: UInt64?, _ state: State, _ output: Output?, into next: inout [State]) {
        let canHold = wanted.map { state.canBe(at: $0) } ?? true
        let canFail = wanted.map { state.canDiffer(from: $0) } ?? false
        guard let output else { return deleteUnknown(state, canHold, canFail, wanted ?? 0, into: &next) }
        switch (output, state.presence) {
        case (.deleted(let version), .present), (.deleted(let version), .terminating):
            guard canHold, state.canChange(to: version), version > wanted ?? 0 else { return }
            next.append(known(.absent, at: version))
        case (.terminating(let version), .present(let value)):
            guard canHold, state.canChange(to: version), version > wanted ?? 0 else { return }
            next.append(known(.terminating(value), at: version))
        case (.terminating(let version), .terminating):
            // Again, with or without a shorter time.
            guard canHold, version >= max(state.version, wanted ?? 0) else { return }
            next.append(known(state.presence, at: version))
        case (.nothingToDelete, .absent), (.refused(.notFound), .absent): next.append(state)
        case (.nothingToDelete, .terminating), (.refused(.notFound), .terminating):
            next.append(absent(after: state))
        case (.refused(.conflict), .present), (.refused(.conflict), .terminating): if canFail { next.append(state) }
        default: break
        }
    }

    private func deleteUnknown(
        _ state: State, _ canHold: Bool, _ canFail: Bool, _ wanted: UInt64, into next: inout [State]
    ) {
        let least = max(state.version, wanted)
        switch state.presence {
        case .absent: next.append(state)
        case .present(let value):
            if canHold {
                next.append(changed(.absent, after: least))
                if hasControllers { next.append(changed(.terminating(value), after: least)) }
            }
            if canFail { next.append(state) }
        case .terminating:
            next.append(state)
            // A shorter time changes the version of what is there.
            if canHold { next.append(changed(state.presence, after: least)) }
        }
    }

    // MARK: States

    func known(_ presence: State.Presence, at version: UInt64) -> State {
        State(presence: presence, version: version, isExact: !hasControllers)
    }

    func changed(_ presence: State.Presence, after version: UInt64) -> State {
        State(presence: presence, version: version + 1, isExact: false)
    }

    /// A deletion has ended, which changed the version once more.
    func absent(after state: State) -> State { changed(.absent, after: state.version) }
}

extension ObjectModel.Precondition {
    var version: UInt64? { if case .version(let version) = self { version } else { nil } }

    /// Whether an object must be there.
    var needsObject: Bool { version != nil }

    /// Whether it can hold of an object that is there.
    func canHold(of state: ObjectModel.State) -> Bool {
        switch self {
        case .none: true
        case .absent: false
        case .version(let version): state.canBe(at: version)
        }
    }

    /// Whether it can be refused because of an object that is there.
    func canFail(in state: ObjectModel.State) -> Bool {
        switch self {
        case .none: false
        case .absent: true
        case .version(let version): state.canDiffer(from: version)
        }
    }
}
