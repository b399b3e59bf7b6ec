import Fleet
import Hypervisor
import Manifest
import Primitives
import Reconcile

/// Something that happened to a machine of this node, for those who look at the machine.
struct MachineEvent: Equatable, Sendable {
    var regarding: ObjectKey
    var uid: UID
    var type: EventType
    var reason: String
    var message: String

    init(_ type: EventType, _ reason: String, _ message: String, _ machine: DesiredMachine) {
        regarding = machine.key
        uid = machine.uid
        self.type = type
        self.reason = reason
        self.message = message
    }

    /// A step was carried out; nil for those that are no events.
    static func done(_ step: MachineStep, _ machine: DesiredMachine, _ observation: MachineObservation) -> Self? {
        let process = observation.pid.map { " as process \($0)" } ?? ""
        return switch step.action {
        case .start: Self(.normal, "Started", "started\(process): \(step.reason)", machine)
        case .resume: Self(.normal, "Resumed", "resumed: \(step.reason)", machine)
        case .stop: Self(.normal, "Stopped", "stopped: \(step.reason)", machine)
        case .delete: Self(.normal, "Deleted", "machine and disks were removed", machine)
        default: nil
        }
    }

    static func failed(_ step: MachineStep, _ failure: MachineFailure, _ machine: DesiredMachine) -> Self {
        Self(.warning, "Failed" + capitalized(step.action.verb), failure.description, machine)
    }

    /// A guest ended without being asked to; nil if the state is not one of an end.
    static func ended(_ observation: MachineObservation, _ machine: DesiredMachine) -> Self? {
        switch observation.state {
        case .stopped(.crashed(let message)):
            Self(.warning, "Exited", message.isEmpty ? "its process ended" : message, machine)
        case .stopped(.hostRestarted): Self(.warning, "Exited", "the host was restarted", machine)
        case .stopped, .absent: Self(.warning, "Exited", observation.message ?? "its process is gone", machine)
        case .poweredOff: Self(.normal, "PoweredOff", "the guest switched itself off", machine)
        case .panicked: Self(.warning, "GuestPanicked", "the guest reported a panic", machine)
        default: nil
        }
    }

    static func imageFailed(_ name: String, _ message: String, _ machine: DesiredMachine) -> Self {
        Self(.warning, "ErrImagePull", "Image \"\(name)\": \(message)", machine)
    }

    static func left(_ step: MachineStep, _ machine: DesiredMachine) -> Self {
        Self(.warning, "LeftAlone", step.reason, machine)
    }

    private static func capitalized(_ verb: String) -> String {
        verb.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
