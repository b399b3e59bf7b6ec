public import JSONText

/// The body of `POST /blixard/v1/shutdown`: ends the node that is asked.
public struct ShutdownRequest: RequestBody {
    /// Whether the machines that it holds are stopped first, gracefully. Desired state stays as it is.
    public var stopsMachines: Bool

    public init(stopsMachines: Bool) {
        self.stopsMachines = stopsMachines
    }

    /// - Throws: 400 for a member that is wrong or not known.
    public init(json: JSON) throws(APIStatus) {
        stopsMachines = try json.fields(["stopMachines"]).flag("stopMachines")
    }

    public var json: JSON { ["stopMachines": .bool(stopsMachines)] }
}
