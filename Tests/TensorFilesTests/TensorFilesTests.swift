// TensorFilesTests
