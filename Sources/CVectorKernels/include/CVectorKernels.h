// CVectorKernels
