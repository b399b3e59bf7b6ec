import EdgeValues
import JSONText
import Manifest
import Testing

@Suite struct EdgeValueTests {
    @Test("Every field's edges are valid or refused, and what is valid is understood and has one normal form")
    func edges() throws {
        let reader = ManifestReader(namespace: "default", namespaceIsBinding: false)
        for kind in KindInfo.writable {
            let edges = EdgeDocuments.all(of: kind)
            #expect(edges.count > 100)
            var valid = 0
            for edge in edges {
                let source = ManifestSource(name: "edge", bytes: edge.document.prettyBytes)
                guard let documents = try? reader.read([source]), let document = documents.first else { continue }
                valid += 1
                switch kind {
                case .virtualMachine: _ = try VirtualMachineSpec(canonical: document.specBytes)
                case .manifestSet: _ = try ManifestSetSpec(canonical: document.specBytes)
                case .secret: _ = try SecretSpec(canonical: document.specBytes)
                case .gitRepository: _ = try GitRepositorySpec(canonical: document.specBytes)
                case .node: _ = try NodeSpec(canonical: document.specBytes)
                default: _ = try ImageSpec(canonical: document.specBytes)
                }
                let again = try reader.read([ManifestSource(name: "again", bytes: document.json.canonicalBytes)])
                #expect(again.first?.specBytes == document.specBytes, "\(edge)")
            }
            #expect(valid > 10 && valid < edges.count, "\(valid) of \(edges.count) of \(kind.kind) are valid")
        }
    }
}
