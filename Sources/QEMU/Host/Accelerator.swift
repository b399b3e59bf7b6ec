/// How guest code is executed.
public enum Accelerator: String, Equatable, Sendable, CaseIterable {
    /// The processor's own virtualisation, through the kernel.
    case kvm
    /// Translation by QEMU; works everywhere.
    case tcg
}
