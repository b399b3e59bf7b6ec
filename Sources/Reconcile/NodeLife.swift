/// When the leader stops believing that a node is there.
public enum NodeLife {
    /// A node that was silent this long is no longer `Ready`, and what it said last is shown as `Unknown`.
    public static let silenceMilliseconds: Int64 = 5000
}
