internal import Foundation

/// Inputs to start from.
public enum FuzzSeeds {
  /// Writes inputs into the corpus, which is the last argument of the fuzzer when that is a folder.
  ///
  /// - Parameters:
  ///   - seeds: the inputs by name.
  ///   - count: the number of arguments.
  ///   - arguments: the arguments.
  public static func write(
    _ seeds: [(name: String, bytes: [UInt8])], _ count: UnsafePointer<CInt>?,
    _ arguments: UnsafePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
  ) {
    guard let count = count?.pointee, count > 1, let last = arguments?.pointee?[Int(count) - 1]
    else { return }
    let corpus = String(cString: last)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: corpus, isDirectory: &isFolder), isFolder.boolValue
    else { return }
    for seed in seeds {
      let isWritten = FileManager.default.createFile(
        atPath: "\(corpus)/seed-\(seed.name)", contents: Data(seed.bytes))
      precondition(isWritten, "\(corpus) cannot be written")
    }
  }
}
