import JSONText
import Manifest

extension ManifestSource {
    /// The value of a source that is none of text.
    var json: JSON? {
        switch content {
        case .text: nil
        case .value(let value, position: _): value
        }
    }
}
