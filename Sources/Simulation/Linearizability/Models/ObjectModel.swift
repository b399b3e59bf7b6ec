/// The cluster's objects as clients see them: each created, read, replaced (if need be only at one resource version)
/// and deleted; a partition is an object's key.
///
/// Values stand for what a client writes of an object, and two equal ones for the same manifest: a write of what is
/// there changes nothing. Versions rise with every change, also from one object of a name to the next. Where an outcome
/// is unknown, so is the version that it left behind; then the state knows only the least that it can be.
package struct ObjectModel: SequentialModel {
    /// Whether others than the clients change versions (statuses, bindings), and whether a deletion may take its time.
    package let hasControllers: Bool

    package init(hasControllers: Bool) { self.hasControllers = hasControllers }

    package struct Input: Hashable, Sendable {
        package var key: String
        package var verb: Verb

        package init(key: String, verb: Verb) {
            self.key = key
            self.verb = verb
        }
    }

    package enum Verb: Hashable, Sendable {
        case read
        /// Creates the object, or replaces what a client says of it.
        case put(String, Precondition)
        /// Nil takes any version.
        case delete(version: UInt64?)
    }

    package enum Precondition: Hashable, Sendable {
        case none
        case absent
        case version(UInt64)
    }

    package enum Output: Hashable, Sendable {
        /// A read found nothing.
        case missing
        case found(String, version: UInt64, isTerminating: Bool)
        case created(version: UInt64)
        case configured(version: UInt64)
        case unchanged(version: UInt64)
        /// Deleted, at the version of the deletion.
        case deleted(version: UInt64)
        /// The deletion has begun, or had begun before; it ends by itself.
        case terminating(version: UInt64)
        /// There was nothing to delete, and the client did not mind.
        case nothingToDelete
        case refused(Refusal)
    }

    /// Nothing was changed.
    package enum Refusal: Hashable, Sendable {
        case alreadyExists
        case notFound
        /// The object was not at the version asked for.
        case conflict
        /// The object is being deleted.
        case terminating
        /// For a reason that tells nothing of the object, such as another object of the same write.
        case elsewhere
    }

    package struct State: Hashable, Sendable {
        package enum Presence: Hashable, Sendable {
            case absent
            case present(String)
            /// Being deleted; absent from any time on.
            case terminating(String)
        }

        package var presence: Presence
        /// The version of the object, or of the last change to one of its name.
        package var version: UInt64
        /// Whether ``version`` is known; else it is the least that it can be.
        package var isExact: Bool
    }

    package var initialState: State { State(presence: .absent, version: 0, isExact: !hasControllers) }

    package func partition(of input: Input) -> String { input.key }

    package func step(from state: State, _ input: Input, _ output: Output?, into next: inout [State]) {
        if case .refused(.elsewhere) = output {
            next.append(state)
            return
        }
        switch input.verb {
        case .read: read(state, output, into: &next)
        case .put(let value, let precondition): put(value, precondition, state, output, into: &next)
        case .delete(let version): delete(version, state, output, into: &next)
        }
    }

    /// Where a read or a refusal leaves the state as it is, all that it tells was known.
    package func isObservation(_ input: Input, _ output: Output?) -> Bool {
        if case .refused = output { true } else { input.verb == .read }
    }

    private func read(_ state: State, _ output: Output?, into next: inout [State]) {
        switch (output, state.presence) {
        case (nil, _), (.missing, .absent): next.append(state)
        case (.missing, .terminating): next.append(absent(after: state))
        case (.found(let seen, let version, false), .present(let value)),
            (.found(let seen, let version, true), .terminating(let value)):
            if seen == value, state.canBe(at: version) { next.append(known(state.presence, at: version)) }
        default: break
        }
    }
}

extension ObjectModel.State {
    /// Whether the object can be at this version.
    func canBe(at version: UInt64) -> Bool { isExact ? version == self.version : version >= self.version }

    /// Whether the object can be at another version than this one.
    func canDiffer(from version: UInt64) -> Bool { !isExact || version != self.version }

    /// Whether a change can have led to this version.
    func canChange(to version: UInt64) -> Bool { version > self.version }
}

extension ObjectModel.State: CustomStringConvertible {
    package var description: String { "\(presence) at version \(version)\(isExact ? "" : " or later")" }
}
