import Glibc
import Host
import NIOSSL
import Primitives
import TestFiles
import Testing

@testable import Mesh

@Suite struct IdentityTests {
    @Test("An identity is created once, with mode 0600, and is the same when it is loaded")
    func createdOnce() throws {
        let directory = TemporaryDirectory(named: "mesh")
        let path = directory.path + "/key"
        #expect(try Identity.load(at: path) == nil)
        let first = try Identity.loadOrCreate(at: path)
        let second = try Identity.loadOrCreate(at: path)
        #expect(first.publicKey == second.publicKey)
        #expect(first.certificate == second.certificate)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(directory.names == ["key"])
    }

    @Test("Of many that create at once, one wins and all answer its key")
    func race() async throws {
        let directory = TemporaryDirectory(named: "mesh")
        let path = directory.path + "/key"
        let keys = try await withThrowingTaskGroup(of: PublicKey.self) { group in
            for _ in 0..<16 { group.addTask { try Identity.loadOrCreate(at: path).publicKey } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
        #expect(directory.names == ["key"])
    }

    @Test("A key that others may read is refused with the command that mends it")
    func openMode() throws {
        let directory = TemporaryDirectory(named: "mesh")
        let path = directory.path + "/key"
        _ = try Identity.loadOrCreate(at: path)
        #expect(chmod(path, 0o644) == 0)
        #expect(throws: MeshError.file(path: path, problem: "others may read this private key; run: chmod 600 \(path)"))
        {
            try Identity.loadOrCreate(at: path)
        }
    }

    @Test("A key file that is damaged anywhere is refused and left as it is")
    func damaged() throws {
        let directory = TemporaryDirectory(named: "mesh")
        let path = directory.path + "/key"
        let whole = Array(try Identity.loadOrCreate(at: path).privateKeyPEM.utf8)
        for length in 0..<whole.count - 1 {
            try DurableFile.write(Array(whole[..<length]), to: path, mode: 0o600)
            #expect(throws: MeshError.self) { try Identity.loadOrCreate(at: path) }
            #expect(try DurableFile.read(path, limit: 4096) == Array(whole[..<length]))
        }
    }

    @Test("The key and the certificate are those of RFC 8410 and of the library's own reading")
    func encodings() throws {
        // Test 1 of RFC 8032 section 7.1.
        let seed = try #require(Hex.decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
        let identity = try #require(Identity(seed: seed))
        #expect(
            identity.publicKey.description == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        #expect(
            Hex.encode(identity.sign([]))
                == "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b")
        let certificate = try NIOSSLCertificate(bytes: identity.certificate, format: .der)
        #expect(TLSSettings.key(in: certificate) == identity.publicKey)
        #expect(Identity(privateKeyPEM: identity.privateKeyPEM)?.publicKey == identity.publicKey)
        #expect(Identity(privateKeyPEM: identity.certificatePEM) == nil)
        #expect(try NIOSSLCertificate.fromPEMBytes(Array(identity.certificatePEM.utf8)) == [certificate])
        #expect(Identity(seed: Array(seed.dropLast())) == nil)
    }

    @Test("openssl verifies the certificate strictly and reads its name", .enabled(if: OpenSSL.isPresent))
    func openssl() throws {
        let directory = TemporaryDirectory(named: "mesh")
        let identity = Identity()
        let path = directory.write("node.crt", identity.certificatePEM)
        let verdict = try OpenSSL.run(["verify", "-x509_strict", "-check_ss_sig", "-CAfile", path, path])
        #expect(verdict.contains("\(path): OK"))
        let text = try OpenSSL.run(["x509", "-in", path, "-noout", "-text"])
        #expect(text.contains("DNS:blixard.internal"))
        #expect(text.contains("CN = \(identity.publicKey)"))
        #expect(text.contains("Not After : Dec 31 23:59:59 9999 GMT"))
    }
}

extension IdentityTests {
    @Test("A directory that is not there is a clear error")
    func noDirectory() {
        let error = #expect(throws: MeshError.self) { try Identity.loadOrCreate(at: "/nonexistent/blixard/key") }
        #expect(error?.description.contains("No such file or directory") == true)
    }
}
