import NIOCore
import Testing

@testable import Mesh

@Suite struct SharedPlacesTests {
    private func group(_ address: String) throws -> AddressGroup {
        AddressGroup(try SocketAddress(ipAddress: address, port: 1))
    }

    @Test("An IPv6 host counts by its /64, an IPv4 address for itself, also where it is written as IPv6")
    func groups() throws {
        #expect(try group("2001:db8:1:2::1") == group("2001:db8:1:2:ffff::9"))
        #expect(try group("2001:db8:1:2::1") != group("2001:db8:1:3::1"))
        #expect(try group("192.0.2.1") != group("192.0.2.2"))
        #expect(try group("::ffff:192.0.2.1") == group("192.0.2.1"))
        #expect(try AddressGroup(nil) != group("0.0.0.0"))
    }

    @Test("An address that has its part pushes out its own oldest, and nobody else's")
    func perAddress() throws {
        var places = SharedPlaces(all: 10, perAddress: 3)
        #expect(places.enter(1, try group("192.0.2.9")) == nil)
        for number in 2...4 { #expect(places.enter(UInt64(number), try group("192.0.2.1")) == nil) }
        #expect(places.enter(5, try group("192.0.2.1")) == 2)
        #expect(places.enter(6, try group("192.0.2.1")) == 3)
        #expect(places.count == 4)
    }

    @Test("Where all places are taken, the address with the most loses its oldest")
    func full() throws {
        var places = SharedPlaces(all: 4, perAddress: 3)
        #expect(places.enter(1, try group("192.0.2.9")) == nil)
        for number in 2...4 { #expect(places.enter(UInt64(number), try group("192.0.2.1")) == nil) }
        #expect(places.enter(5, try group("192.0.2.7")) == 2)
        #expect(places.enter(6, try group("192.0.2.8")) == 3)
        #expect(places.count == 4)
    }

    @Test("What is at work gives way last")
    func atWork() throws {
        var places = SharedPlaces(all: 4, perAddress: 2)
        for number: UInt64 in 1...2 { _ = places.enter(number, try group("192.0.2.1")) }
        places.begin(1)
        #expect(places.enter(3, try group("192.0.2.1")) == 2)
        places.begin(3)
        #expect(places.enter(4, try group("192.0.2.1")) == 1)
        places.leave(3)
        places.leave(3)
        #expect(places.count == 1)
    }

    @Test(
        "The shares of every limit that is enough add up to no more than it",
        arguments: [128, 200, 256, 1024, 4096, 20_000, 65_536])
    func shares(limit: Int) {
        let shares = DescriptorShares(of: limit)
        let limits = ListenerLimits(shares)
        #expect(shares.files + shares.outgoing + shares.bootstrap + limits.descriptors <= limit)
        #expect(limits.forUsers > 0 && limits.strangers > 0 && limits.joining > 0 && limits.strangersPerKey > 0)
        #expect(limits.connectionsPerUser > 0 && limits.connectionsPerUser < limits.forUsers)
        #expect(limits.connectionsPerAdministrator >= limits.reservedForAdministrators)
        #expect(limits.raftPerMember <= limits.connectionsPerMember)
    }

    @Test("With thousands of descriptors, 256 clients with the administrator's key have their connections at one node")
    func manyClients() {
        let limits = ListenerLimits(DescriptorShares(of: 4096))
        #expect(limits.connectionsPerAdministrator >= 256 && limits.forAdministrators >= 512)
        #expect(limits.handshakesPerAddress >= 256)
    }
}
