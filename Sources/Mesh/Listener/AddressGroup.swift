package import NIOCore

/// The host that an address stands for: one IPv4 address, or the /64 of an IPv6 address, which one host may have alone.
package struct AddressGroup: Hashable, Sendable {
    /// Four bytes for IPv4, eight for IPv6, none for what has no address.
    private let bytes: [UInt8]

    package init(_ address: SocketAddress?) {
        switch address {
        // sockaddr_in: family, port, address; sockaddr_in6: family, port, flow, address.
        case .v4: bytes = Self.bytes(of: address, 4..<8)
        case .v6:
            let all = Self.bytes(of: address, 8..<24)
            let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 0xff && all[11] == 0xff
            bytes = isMapped ? Array(all[12...]) : Array(all[..<8])
        case .unixDomainSocket, nil: bytes = []
        }
    }

    private static func bytes(of address: SocketAddress?, _ range: Range<Int>) -> [UInt8] {
        address?.withSockAddr { start, size in
            Array(UnsafeRawBufferPointer(start: start, count: size)[range])
        } ?? []
    }
}
