import Host
import Logging
import Mesh
import Primitives
import Replica
import Wire

/// Hands what other members send to the replica. Called on event loops.
struct PeerMessageReceiver: Sendable {
    let members: MemberDirectory
    let host: ReplicaHost
    let logger: Logger
    let unreadable = UnreadableMessages()

    /// Takes a message of the key that its connection has proven; one of a key that is no member's is dropped.
    func receive(_ bytes: [UInt8], from key: PublicKey) {
        guard let node = members.id(of: key) else { return }
        do throws(DecodingFailure) {
            host.post(message: .message(from: node, try PeerMessageCodec.decode(bytes)), bytes: bytes.count)
        } catch {
            guard unreadable.note(from: key, now: SystemClock.now()) else { return }
            logger.warning("dropped an unreadable message", metadata: ["peer": "\(key.short)", "error": "\(error)"])
        }
    }

    /// The mesh has thrown messages to this key away.
    func dropped(to key: PublicKey) {
        if let node = members.id(of: key) { host.post(.unreachable(node)) }
    }
}
