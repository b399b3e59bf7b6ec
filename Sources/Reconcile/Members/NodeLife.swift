/// What is assumed of every node.
public enum NodeLife {
    /// Virtual processors that share one of the host's: machines wait more than they compute. KubeVirt assumes the
    /// same.
    public static let vcpusPerCPU = 10

    /// A node that was silent this long is no longer `Ready`, and what it said last is shown as `Unknown`.
    public static let silenceMilliseconds: Int64 = 5000
}
