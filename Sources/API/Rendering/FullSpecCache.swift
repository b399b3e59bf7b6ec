import Fleet
import JSONText
import Manifest
import Synchronization

/// Stored specs with their defaults filled in, as text.
///
/// What is stored leaves defaults out, what is shown spells them out. Most objects change seldom and many machines have
/// equal specs, so the text is made once for each distinct spec and kept, up to a bound.
final class FullSpecCache: Sendable {
    private struct Key: Hashable {
        let kind: String
        let spec: [UInt8]
    }

    private struct Kept {
        /// Full texts, by kind and stored text.
        var texts: [Key: [UInt8]] = [:]
        var bytes = 0
    }

    /// Of stored and full texts together; beyond it the cache starts anew.
    private static let largestBytes = 16 << 20

    private let kept = Mutex(Kept())

    /// A spec that this program does not understand is shown as it is stored.
    func fullSpec(of object: FleetObject) -> [UInt8] {
        let key = Key(kind: object.key.kind, spec: object.spec)
        if let text = kept.withLock({ $0.texts[key] }) { return text }
        let text = Self.fullText(kind: object.key.kind, spec: object.spec)
        kept.withLock { kept in
            let size = key.spec.count + text.count
            if kept.bytes + size > Self.largestBytes { kept = Kept() }
            if kept.texts.updateValue(text, forKey: key) == nil { kept.bytes += size }
        }
        return text
    }

    private static func fullText(kind: String, spec: [UInt8]) -> [UInt8] {
        let full: JSON?
        do throws(NotUnderstood) {
            switch kind {
            case KindInfo.virtualMachine.kind: full = try VirtualMachineSpec(canonical: spec).json
            case KindInfo.node.kind: full = try NodeSpec(canonical: spec).json
            case KindInfo.manifestSet.kind: full = try ManifestSetSpec(canonical: spec).json
            case KindInfo.gitRepository.kind: full = try GitRepositorySpec(canonical: spec).json
            case KindInfo.image.kind: full = try ImageSpec(canonical: spec).json
            default: full = nil
            }
        } catch {
            full = nil
        }
        guard let full else { return spec.isEmpty ? Array("{}".utf8) : spec }
        var text: [UInt8] = []
        full.appendCompact(to: &text)
        return text
    }
}
