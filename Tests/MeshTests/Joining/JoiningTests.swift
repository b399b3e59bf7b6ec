import Primitives
import TestFiles
import Testing

@testable import Mesh

@Suite struct JoiningTests {
    private let key: PublicKey

    init() throws {
        key = try #require(PublicKey(Array(0..<32)))
    }

    @Test("A registry file of an earlier version is read, in base64 and in hexadecimal, without its wildcard addresses")
    func oldRegistry() throws {
        for text in [Base64.encode(key.bytes), key.description] {
            let file = try RegistryFile(
                json: Array(
                    """
                    {"cluster_node_id": 3, "iroh_node_id": "\(text)", "direct_addresses":
                    ["0.0.0.0:51213", "10.0.0.3:51213", "[::]:51213"], "relay_url": null, "address": "10.0.0.3:7003",
                    "from_the_future": [1]}
                    """.utf8))
            #expect(file.key == key)
            #expect(file.nodeID == 3)
            #expect(file.directAddresses == ["10.0.0.3:51213"])
            #expect(file.dialableAddresses == ["10.0.0.3:51213", "10.0.0.3:7003"])
            #expect(file.clusterID == nil)
        }
    }

    @Test("A registry file is written once for the same content, and read back")
    func registryRoundTrip() throws {
        let directory = TemporaryDirectory(named: "mesh")
        let path = directory.path + "/" + RegistryFile.name(nodeID: 2)
        var file = RegistryFile(
            nodeID: 2, key: key, address: "0.0.0.0:7002", directAddresses: ["10.0.0.2:7002"], relayURL: nil,
            clusterID: "c-1")
        #expect(try file.write(to: path))
        #expect(try !file.write(to: path))
        #expect(try RegistryFile.read(path) == file)
        file.relayURL = "blixard-relay://host"
        #expect(try file.write(to: path))
        #expect(try RegistryFile.read(path) == file)
        #expect(directory.names == ["node-2-registry.json"])
    }

    @Test(
        "A registry file that is wrong names the file and the member",
        arguments: [
            ("{", "not JSON"), ("[]", "an array where an object belongs"),
            (#"{"cluster_node_id":0}"#, "cluster_node_id"),
            (#"{"cluster_node_id":1,"iroh_node_id":"AAAA"}"#, "\"AAAA\" is no key"),
            (#"{"cluster_node_id":1}"#, "iroh_node_id: a string is needed"),
        ])
    func wrongRegistry(_ text: String, _ words: String) throws {
        let directory = TemporaryDirectory(named: "mesh")
        let path = directory.write("node-1-registry.json", text)
        let error = #expect(throws: MeshError.self) { try RegistryFile.read(path) }
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test("A bootstrap document has the names that people know, and comes back")
    func bootstrap() throws {
        let document = BootstrapDocument(
            nodeID: 1, key: key, addresses: ["127.0.0.1:7001"], relayURL: nil, clusterID: "c-1",
            apiVersion: "blixard.dev/v1", name: "node-1", version: "1.2.3")
        let text = String(decoding: document.json, as: UTF8.self)
        #expect(text.contains("\"p2p_node_id\": \"\(key)\""))
        #expect(text.contains("\"p2p_relay_url\": null"))
        #expect(try BootstrapDocument(json: document.json) == document)
        let old = try BootstrapDocument(
            json: Array(
                #"{"node_id":1,"p2p_node_id":"\#(key)","p2p_addresses":["0.0.0.0:1","h:2"],"p2p_relay_url":null}"#.utf8)
        )
        #expect(old.addresses == ["h:2"])
        #expect(old.clusterID == nil && old.name == nil && old.version == nil)
    }

    @Test("A bootstrap document cut short anywhere is refused")
    func bootstrapTruncated() {
        let document = BootstrapDocument(
            nodeID: 1, key: key, addresses: ["127.0.0.1:7001"], relayURL: nil, clusterID: nil, apiVersion: nil,
            name: nil, version: nil)
        for length in 0..<document.json.count - 1 {
            #expect(throws: MeshError.self) { try BootstrapDocument(json: Array(document.json[..<length])) }
        }
    }

    @Test("What an address says is never guessed from its length or looks")
    func addressSource() throws {
        let ticket = try Ticket(
            clusterID: "c", members: [Ticket.Member(key: key, addresses: ["h:1"], nodeID: 1)],
            secret: Ticket.freshSecret(), expiry: WallTime(milliseconds: 0))
        func source(_ text: String, exists: Bool = false) throws -> NodeAddressSource {
            try NodeAddressSource(text) { _ in exists }
        }
        #expect(try source(ticket.text) == .ticket(ticket))
        #expect(try source("node1.example.org:7001") == .address(HostPort(host: "node1.example.org", port: 7001)))
        #expect(try source("blx1-host:7001") == .address(HostPort(host: "blx1-host", port: 7001)))
        #expect(try source("[::1]:7001") == .address(HostPort(host: "::1", port: 7001)))
        #expect(try source("node-1-registry.json") == .registry(path: "node-1-registry.json"))
        #expect(try source("./registry") == .registry(path: "./registry"))
        #expect(try source("registry", exists: true) == .registry(path: "registry"))
        let long = String(repeating: "a", count: 200) + ".example:7001"
        #expect(try source(long) == .address(HostPort(host: String(long.dropLast(5)), port: 7001)))
        #expect(throws: MeshError.self) { try source(String(ticket.text.dropLast())) }
        #expect(throws: MeshError.self) { try source("localhost") }
        #expect(try source(ticket.text).targets() == [.key(key, addresses: ["h:1"])])
    }

    @Test(
        "An address that is none is refused with its text",
        arguments: [
            "", "host", "host:", ":7001", "host:x", "host:65536", "host:-1", "fd00::1:7001", "ho st:1", "a/b:1",
        ])
    func wrongAddress(_ text: String) {
        let error = #expect(throws: MeshError.self) { try HostPort(text) }
        #expect(error?.description.contains("\"\(text)\"") == true)
    }
}
